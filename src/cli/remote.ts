/** The command line's way to a server: the AWS SDK's own clients, pointed at it. Loaded when first needed. */
import { CliFailure } from './failure.ts';

/** Runs an AWS operation at the server: `remote.call<DescribeStacksOutput>('cloudformation', 'DescribeStacks', {})`. */
export interface Remote {
  readonly endpoint: string;
  readonly region: string;
  call<Output>(service: string, operation: string, input: object): Promise<Output>;
  /** A plain request to the server itself (`/_gatehouse/...`). */
  fetch(path: string, init?: RequestInit): Promise<Response>;
}

type RemoteService = keyof typeof PACKAGES;

export interface RemoteOptions {
  readonly endpoint?: string;
  readonly region?: string;
}

type Client = { send(command: object): Promise<unknown> };
type SdkModule = Record<string, new (input: object) => Client & object>;

const PACKAGES = {
  apigateway: ['APIGatewayClient', () => import('@aws-sdk/client-api-gateway')],
  apigatewayv2: ['ApiGatewayV2Client', () => import('@aws-sdk/client-apigatewayv2')],
  cloudformation: ['CloudFormationClient', () => import('@aws-sdk/client-cloudformation')],
  lambda: ['LambdaClient', () => import('@aws-sdk/client-lambda')],
  logs: ['CloudWatchLogsClient', () => import('@aws-sdk/client-cloudwatch-logs')],
  s3: ['S3Client', () => import('@aws-sdk/client-s3')],
  sts: ['STSClient', () => import('@aws-sdk/client-sts')],
} as const satisfies Record<string, readonly [string, () => Promise<object>]>;

const isRemoteService = (name: string): name is RemoteService => Object.hasOwn(PACKAGES, name);

const DEFAULT_ENDPOINT = 'http://127.0.0.1:4566';

export function createRemote(options: RemoteOptions): Remote {
  const { env } = process;
  const given = options.endpoint ?? env['GATEHOUSE_ENDPOINT'] ?? env['AWS_ENDPOINT_URL'] ?? DEFAULT_ENDPOINT;
  const endpoint = given.replace(/\/+$/, '');
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? ''))
    throw new CliFailure(`${given} is not the URL of a server: http://127.0.0.1:4566 is one`, 2);
  const region = options.region ?? env['AWS_REGION'] ?? env['AWS_DEFAULT_REGION'] ?? 'us-east-1';
  const clients = new Map<RemoteService, Promise<{ client: Client; sdk: SdkModule }>>();

  async function open(service: RemoteService): Promise<{ client: Client; sdk: SdkModule }> {
    const [className, load] = PACKAGES[service];
    // The package's classes are looked up by AWS's naming rule: {Operation}Command.
    const sdk = (await load()) as unknown as SdkModule;
    const ClientClass = sdk[className];
    if (!ClientClass) throw new Error(`the SDK has no ${className}`);
    const credentials = await findCredentials();
    return {
      sdk,
      client: new ClientClass({ endpoint, region, credentials, maxAttempts: 1, forcePathStyle: true }),
    };
  }

  return {
    endpoint,
    region,
    async call<Output>(service: string, operation: string, input: object): Promise<Output> {
      if (!isRemoteService(service)) throw new Error(`the command line has no client for ${service}`);
      const opened = clients.get(service) ?? open(service);
      clients.set(service, opened);
      const { client, sdk } = await opened;
      const CommandClass = sdk[`${operation}Command`];
      if (!CommandClass) throw new Error(`the SDK has no operation ${operation}`);
      try {
        return (await client.send(new CommandClass(input))) as Output; // the caller names the operation's output
      } catch (error) {
        throw unreachable(error, endpoint) ?? error;
      }
    },
    async fetch(path, init) {
      try {
        return await fetch(endpoint + path, init);
      } catch (error) {
        throw unreachable(error, endpoint) ?? error;
      }
    },
  };
}

/** Environment, then the usual profile files, then `test`/`test`. */
async function findCredentials(): Promise<{
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  if (id && secret)
    return { accessKeyId: id, secretAccessKey: secret, ...(token ? { sessionToken: token } : {}) };
  const { fromIni } = await import('@aws-sdk/credential-provider-ini');
  try {
    return await fromIni()();
  } catch (error) {
    if (process.env['AWS_PROFILE']) throw error;
    return { accessKeyId: 'test', secretAccessKey: 'test' };
  }
}

function unreachable(error: unknown, endpoint: string): CliFailure | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const refused = code === 'ECONNREFUSED' || code === 'ConnectionRefused' || code === 'FailedToOpenSocket';
  if (!refused) return undefined;
  return new CliFailure(
    `no gatehouse answers at ${endpoint}: start one with "gatehouse start", or name another with --endpoint`,
  );
}
