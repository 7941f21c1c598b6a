/**
 * The environment variables of a function's process:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html. Nothing of the server's own is among them.
 */
import { dirname, join } from 'node:path';
import type { FunctionConfig } from './config.ts';
import type { Runtime } from './runtimes.ts';

export interface VariablesInput {
  readonly config: FunctionConfig;
  readonly runtime: Runtime;
  readonly taskRoot: string;
  /** Where the function sees its layers: `/opt`, or a folder; undefined without layers. */
  readonly optPath: string | undefined;
  readonly sdkFolder: string;
  readonly bootstrapDir: string;
  readonly endpointUrl: string;
  /** Where this server speaks HTTP/2: the only thing that the Kinesis client of the JavaScript SDK speaks. */
  readonly http2Url?: string | undefined;
}

const SYSTEM_PATH = '/usr/local/bin:/usr/bin/:/bin';

/** Everything but what differs from one environment to the next. */
export function processVariables(input: VariablesInput): Record<string, string> {
  const { config, runtime } = input;
  return {
    ...defaults(input),
    ...(runtime.family === 'nodejs' ? nodeVariables(input) : {}),
    ...(runtime.family === 'python' ? pythonVariables(input) : {}),
    ...config.environment,
    ...reserved(input),
  };
}

/** What a function's own configuration may replace. */
function defaults({
  runtime,
  taskRoot,
  optPath,
  endpointUrl,
  http2Url,
}: VariablesInput): Record<string, string> {
  const interpreter = runtime.interpreter ? [dirname(runtime.interpreter.path)] : [];
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: [...interpreter, SYSTEM_PATH, ...below(optPath, 'bin')].join(':'),
    LD_LIBRARY_PATH: [taskRoot, join(taskRoot, 'lib'), ...below(optPath, 'lib')].join(':'),
    AWS_ENDPOINT_URL: endpointUrl,
    ...(http2Url !== undefined && { AWS_ENDPOINT_URL_KINESIS: http2Url }),
  };
}

const below = (folder: string | undefined, ...paths: readonly string[]): string[] =>
  folder === undefined ? [] : paths.map((path) => join(folder, path));

function nodeVariables({ runtime, optPath, sdkFolder, taskRoot }: VariablesInput): Record<string, string> {
  const layers = below(optPath, `nodejs/node${runtime.version}/node_modules`, 'nodejs/node_modules');
  return { NODE_PATH: [...layers, sdkFolder, taskRoot].join(':') };
}

function pythonVariables(input: VariablesInput): Record<string, string> {
  return { PYTHONPATH: pythonModulePath(input).join(':') };
}

export const pythonModulePath = ({
  runtime,
  optPath,
}: Pick<VariablesInput, 'runtime' | 'optPath'>): string[] =>
  below(optPath, `python/lib/python${runtime.version}/site-packages`, 'python');

/** What it may not. */
function reserved({ config, taskRoot, bootstrapDir }: VariablesInput): Record<string, string> {
  const { credentials, scope } = config;
  const session: Record<string, string> =
    credentials.sessionToken === '' ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken };
  const level: Record<string, string> =
    config.applicationLogLevel === undefined ? {} : { AWS_LAMBDA_LOG_LEVEL: config.applicationLogLevel };
  return {
    _HANDLER: config.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...session,
    AWS_REGION: scope.region,
    AWS_DEFAULT_REGION: scope.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: config.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: config.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memorySizeMb),
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    AWS_LAMBDA_LOG_FORMAT: config.logFormat,
    ...level,
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: bootstrapDir,
  };
}
