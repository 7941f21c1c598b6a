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
  /** Highest first. */
  readonly layerFolders: readonly string[];
  readonly sdkFolder: string;
  readonly bootstrapDir: string;
  readonly endpointUrl: string;
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
function defaults({ runtime, taskRoot, layerFolders, endpointUrl }: VariablesInput): Record<string, string> {
  const interpreter = runtime.interpreter ? [dirname(runtime.interpreter.path)] : [];
  const layerBins = layerFolders.map((folder) => join(folder, 'bin'));
  const libraries = [taskRoot, join(taskRoot, 'lib'), ...layerFolders.map((folder) => join(folder, 'lib'))];
  return {
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    PATH: [...interpreter, SYSTEM_PATH, ...layerBins].join(':'),
    LD_LIBRARY_PATH: libraries.join(':'),
    AWS_ENDPOINT_URL: endpointUrl,
  };
}

function nodeVariables({
  runtime,
  layerFolders,
  sdkFolder,
  taskRoot,
}: VariablesInput): Record<string, string> {
  const layers = layerFolders.flatMap((folder) => [
    join(folder, `nodejs/node${runtime.version}/node_modules`),
    join(folder, 'nodejs/node_modules'),
  ]);
  return { NODE_PATH: [...layers, sdkFolder, taskRoot].join(':') };
}

function pythonVariables(input: VariablesInput): Record<string, string> {
  return { PYTHONPATH: pythonModulePath(input).join(':') };
}

export const pythonModulePath = ({
  runtime,
  layerFolders,
}: Pick<VariablesInput, 'runtime' | 'layerFolders'>): string[] =>
  layerFolders.flatMap((folder) => [
    join(folder, `python/lib/python${runtime.version}/site-packages`),
    join(folder, 'python'),
  ]);

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
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: config.logGroup,
    AWS_LAMBDA_LOG_FORMAT: config.logFormat,
    ...level,
    LAMBDA_TASK_ROOT: taskRoot,
    LAMBDA_RUNTIME_DIR: bootstrapDir,
  };
}
