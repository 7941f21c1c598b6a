/** The settings CreateFunction and UpdateFunctionConfiguration share: checked, and as AWS shows them. */
import type {
  CreateFunctionRequest,
  FunctionConfiguration,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { limits } from '../../base/limits.ts';
import { invalidParameter, unsupported, validation } from './fault.ts';
import { checkRuntime, type RetiredRuntimes, runtimeVersionArn } from './runtime.ts';

export type Settings = Pick<
  CreateFunctionRequest,
  keyof UpdateFunctionConfigurationRequest & keyof CreateFunctionRequest
>;

/** Members that would change how a function runs and are not carried out. */
const REFUSED = [
  'FileSystemConfigs',
  'ImageConfig',
  'CapacityProviderConfig',
  'DurableConfig',
] as const satisfies readonly (keyof Settings)[];

/** Refuses what AWS or this server would refuse. Throws `Fault`. */
export function checkSettings(settings: Partial<Settings>, retired: RetiredRuntimes | undefined): void {
  for (const member of REFUSED) if (!isEmpty(settings[member])) throw unsupported(member);
  if (!isEmpty(settings.VpcConfig?.SubnetIds) || !isEmpty(settings.VpcConfig?.SecurityGroupIds))
    throw unsupported('VpcConfig');
  if (settings.SnapStart?.ApplyOn === 'PublishedVersions')
    throw unsupported('SnapStart on published versions');
  checkRange('memorySize', settings.MemorySize, limits.lambdaMemoryMb);
  checkRange('timeout', settings.Timeout, limits.lambdaTimeoutSeconds);
  checkRange('ephemeralStorage.size', settings.EphemeralStorage?.Size, limits.lambdaEphemeralStorageMb);
  checkEnvironment(settings.Environment?.Variables);
  checkDeadLetter(settings.DeadLetterConfig?.TargetArn);
  if (settings.Runtime !== undefined) checkRuntime(settings.Runtime, retired);
}

/** The members of the configuration that the settings give, by AWS's names; what was not set is not there. */
export function shownSettings(settings: Partial<Settings>, region: string): FunctionConfiguration {
  const logging = settings.LoggingConfig;
  return {
    ...pick(settings, ['Runtime', 'Role', 'Handler', 'Description', 'Timeout', 'MemorySize']),
    ...(settings.KMSKeyArn !== undefined && { KMSKeyArn: settings.KMSKeyArn || undefined }),
    ...(settings.Runtime !== undefined && {
      RuntimeVersionConfig: { RuntimeVersionArn: runtimeVersionArn(region, settings.Runtime) },
    }),
    ...(settings.Environment !== undefined && {
      Environment: { Variables: settings.Environment.Variables ?? {} },
    }),
    ...(settings.EphemeralStorage !== undefined && { EphemeralStorage: settings.EphemeralStorage }),
    ...(settings.TracingConfig !== undefined && {
      TracingConfig: { Mode: settings.TracingConfig.Mode ?? 'PassThrough' },
    }),
    ...(settings.DeadLetterConfig !== undefined && {
      DeadLetterConfig: settings.DeadLetterConfig.TargetArn ? settings.DeadLetterConfig : undefined,
    }),
    ...(logging !== undefined && { LoggingConfig: shownLogging(logging) }),
  };
}

/** Log levels are only there for JSON, INFO when not said. https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html */
function shownLogging(
  logging: NonNullable<Settings['LoggingConfig']>,
): FunctionConfiguration['LoggingConfig'] {
  const format = logging.LogFormat ?? 'Text';
  const levels = logging.ApplicationLogLevel ?? logging.SystemLogLevel;
  if (format === 'Text' && levels !== undefined)
    throw invalidParameter('To configure log levels, set the log format to JSON.');
  return {
    LogFormat: format,
    ...(format === 'JSON' && {
      ApplicationLogLevel: logging.ApplicationLogLevel ?? 'INFO',
      SystemLogLevel: logging.SystemLogLevel ?? 'INFO',
    }),
    ...(logging.LogGroup !== undefined && { LogGroup: logging.LogGroup }),
  };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime: may not be set. */
const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  '_HANDLER',
  '_X_AMZN_TRACE_ID',
  'AWS_DEFAULT_REGION',
  'AWS_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_ACCESS_KEY',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_LAMBDA_RUNTIME_API',
  'LAMBDA_TASK_ROOT',
  'LAMBDA_RUNTIME_DIR',
]);

function checkEnvironment(variables: Record<string, string> | undefined): void {
  const names = Object.keys(variables ?? {});
  const reserved = names.filter((name) => RESERVED_VARIABLES.has(name));
  if (reserved.length > 0)
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  const text = JSON.stringify(variables ?? {});
  if (Buffer.byteLength(text) > limits.lambdaEnvironmentBytes)
    // Recorded from AWS, variables and all.
    throw invalidParameter(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${text}`,
    );
}

function checkDeadLetter(target: string | undefined): void {
  if (target === undefined || target === '' || /^arn:[\w-]+:(sqs|sns):/.test(target)) return;
  throw validation(
    `Value '${target}' at 'deadLetterConfig.targetArn' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()`,
  );
}

function checkRange(member: string, value: number | undefined, range: { min: number; max: number }): void {
  if (value === undefined) return;
  if (value < range.min)
    throw validation(
      `Value '${value}' at '${member}' failed to satisfy constraint: Member must have value greater than or equal to ${range.min}`,
    );
  if (value > range.max)
    throw validation(
      `Value '${value}' at '${member}' failed to satisfy constraint: Member must have value less than or equal to ${range.max}`,
    );
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function pick<T extends object, K extends keyof T>(source: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const picked: Partial<Pick<T, K>> = {};
  for (const key of keys) if (source[key] !== undefined) picked[key] = source[key];
  return picked;
}
