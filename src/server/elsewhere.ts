/**
 * Services that answer elsewhere: `GATEHOUSE_ENDPOINT_SQS=https://sqs.eu-west-1.amazonaws.com`. Every call of such a
 * service, from outside and from inside, goes there through the official client, signed with the credentials that the
 * AWS SDK finds, or with the caller's own key id where it finds none.
 */
import { Fault } from '../base/fault.ts';
import type { CallElsewhere } from '../wire/run-operation.ts';
import type { ServiceId } from '../wire/services.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What is used of a client's package; each has its own types, which the wire's schemas stand for. */
interface Client {
  send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<object>;
}

const packages: Readonly<Partial<Record<ServiceId, () => Promise<object>>>> = {
  acm: () => import('@aws-sdk/client-acm'),
  cloudwatch: () => import('@aws-sdk/client-cloudwatch'),
  'cognito-idp': () => import('@aws-sdk/client-cognito-identity-provider'),
  dynamodb: () => import('@aws-sdk/client-dynamodb'),
  dynamodbstreams: () => import('@aws-sdk/client-dynamodb-streams'),
  events: () => import('@aws-sdk/client-eventbridge'),
  iam: () => import('@aws-sdk/client-iam'),
  kinesis: () => import('@aws-sdk/client-kinesis'),
  kms: () => import('@aws-sdk/client-kms'),
  logs: () => import('@aws-sdk/client-cloudwatch-logs'),
  resourcegroupstaggingapi: () => import('@aws-sdk/client-resource-groups-tagging-api'),
  s3: () => import('@aws-sdk/client-s3'),
  scheduler: () => import('@aws-sdk/client-scheduler'),
  secretsmanager: () => import('@aws-sdk/client-secrets-manager'),
  sns: () => import('@aws-sdk/client-sns'),
  sqs: () => import('@aws-sdk/client-sqs'),
  ssm: () => import('@aws-sdk/client-ssm'),
  stepfunctions: () => import('@aws-sdk/client-sfn'),
};

/** Undefined for services that answer here. */
export function createElsewhere(environment: Environment): (serviceId: string) => CallElsewhere | undefined {
  const clients = new Map<string, Promise<Made>>();
  const hasCredentials = ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_WEB_IDENTITY_TOKEN_FILE'].some(
    (name) => environment[name],
  );
  return (serviceId) => {
    const endpoint = environment[`GATEHOUSE_ENDPOINT_${serviceId.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`];
    const load = Object.hasOwn(packages, serviceId) ? packages[serviceId as ServiceId] : undefined; // only ids are in the table
    if (!endpoint || load === undefined) return undefined;
    return async (operation, input, { scope, caller, signal }) => {
      const key = `${serviceId} ${scope.region} ${hasCredentials ? '' : scope.account}`;
      let made = clients.get(key);
      if (made === undefined) {
        const keyId =
          'accessKeyId' in caller && caller.accessKeyId !== '' ? caller.accessKeyId : scope.account;
        made = makeClient(load, {
          endpoint,
          region: scope.region,
          ...(serviceId === 's3' ? { forcePathStyle: true } : {}),
          // A queue's address may be this server's.
          ...(serviceId === 'sqs' ? { useQueueUrlAsEndpoint: false } : {}),
          ...(hasCredentials ? {} : { credentials: { accessKeyId: keyId, secretAccessKey: 'test' } }),
        });
        clients.set(key, made);
      }
      const { client, commandOf } = await made;
      try {
        return await client.send(commandOf(operation, input), { abortSignal: signal });
      } catch (thrown) {
        throw faultOf(thrown, serviceId, endpoint);
      }
    };
  };
}

interface Made {
  readonly client: Client;
  readonly commandOf: (operation: string, input: object) => object;
}

type Make = new (given: object) => object;

async function makeClient(load: () => Promise<object>, config: object): Promise<Made> {
  const module = (await load()) as Readonly<Record<string, Make>>; // a client's package exports classes by these names
  const [, ClientClass] = Object.entries(module).find(([name]) => /^[A-Z]\w*Client$/.test(name)) ?? [];
  if (ClientClass === undefined) throw new Error('the package of this service has no client');
  return {
    client: new ClientClass(config) as Client, // as above
    commandOf(operation, input) {
      const Command = module[`${operation}Command`];
      if (Command === undefined)
        throw new Fault('UnknownOperationException', `Unknown operation: ${operation}`);
      return new Command(input);
    },
  };
}

/** What the other endpoint answered, as if it had been said here; what did not answer at all is told by name. */
function faultOf(thrown: unknown, serviceId: string, endpoint: string): unknown {
  if (!(thrown instanceof Error) || thrown instanceof Fault) return thrown;
  const metadata: unknown = Reflect.get(thrown, '$metadata');
  const status: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
  if (typeof status !== 'number')
    return new Fault(
      'ServiceUnavailable',
      `${serviceId} at ${endpoint} cannot be reached: ${thrown.message}`,
      { status: 503 },
    );
  const members = Object.fromEntries(
    Object.entries(thrown).filter(
      ([name]) => !name.startsWith('$') && !['name', 'message', 'stack'].includes(name),
    ),
  );
  return new Fault(thrown.name, thrown.message, { status, members });
}
