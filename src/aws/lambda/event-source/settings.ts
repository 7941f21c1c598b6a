/**
 * What a mapping may say, for each kind of source: defaults, limits and refusals.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html and the parameter page of each source.
 */
import type {
  CreateEventSourceMappingRequest,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import { parseArn } from '../../../base/arn.ts';
import { invalidParameter, unsupported } from '../fault.ts';
import { compileFilters } from './filter.ts';
import type { MappingSettings, SourceKind } from './rows.ts';

export interface Source {
  readonly kind: SourceKind;
  readonly arn: string;
  readonly isFifo: boolean;
}

type Given = Omit<UpdateEventSourceMappingRequest, 'UUID' | 'FunctionName' | 'Enabled'>;

/** Sources whose protocols no service here speaks. */
const REFUSED_MEMBERS = {
  SelfManagedEventSource: 'A self-managed Apache Kafka event source',
  AmazonManagedKafkaEventSourceConfig: 'An event source mapping from Amazon MSK',
  SelfManagedKafkaEventSourceConfig: 'A self-managed Apache Kafka event source',
  DocumentDBEventSourceConfig: 'An event source mapping from Amazon DocumentDB',
  Topics: 'An event source mapping from Kafka topics',
  Queues: 'An event source mapping from Amazon MQ',
  SourceAccessConfigurations: 'SourceAccessConfigurations',
  ProvisionedPollerConfig: 'ProvisionedPollerConfig',
  KMSKeyArn: 'KMSKeyArn of an event source mapping',
} as const satisfies Partial<Record<keyof CreateEventSourceMappingRequest, string>>;

const REFUSED_SERVICES: Readonly<Record<string, string>> = {
  kafka: 'Amazon MSK',
  mq: 'Amazon MQ',
  rds: 'Amazon DocumentDB',
};

/** Throws `Fault` by the source's name for those that are not there. */
export function readSource(input: CreateEventSourceMappingRequest): Source {
  refuseMembers(input);
  const arn = input.EventSourceArn;
  if (!arn) throw invalidParameter('Unrecognized event source.');
  const parsed = parseArn(arn);
  const service = parsed?.service ?? '';
  const refused = REFUSED_SERVICES[service];
  if (refused !== undefined) throw unsupported(`An event source mapping from ${refused}`);
  if (service === 'sqs') return { kind: 'sqs', arn, isFifo: arn.endsWith('.fifo') };
  if (service === 'kinesis' && parsed?.resource.startsWith('stream/'))
    return { kind: 'kinesis', arn, isFifo: false };
  if (service === 'dynamodb' && /^table\/[^/]+\/stream\/.+/.test(parsed?.resource ?? ''))
    return { kind: 'dynamodb', arn, isFifo: false };
  throw invalidParameter('Unrecognized event source.');
}

export function refuseMembers(input: object): void {
  for (const [member, what] of Object.entries(REFUSED_MEMBERS)) {
    const value: unknown = Reflect.get(input, member);
    const isEmpty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) throw unsupported(what);
  }
}

const DEFAULT_BATCH = { sqs: 10, kinesis: 100, dynamodb: 100 } as const;

export const defaultSettings = (kind: SourceKind): MappingSettings => ({
  BatchSize: DEFAULT_BATCH[kind],
  MaximumBatchingWindowInSeconds: 0,
  FunctionResponseTypes: [],
  ...(kind !== 'sqs' && {
    ParallelizationFactor: 1,
    MaximumRecordAgeInSeconds: -1,
    BisectBatchOnFunctionError: false,
    MaximumRetryAttempts: -1,
    TumblingWindowInSeconds: 0,
  }),
});

const STREAM_ONLY = [
  'ParallelizationFactor',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'TumblingWindowInSeconds',
  'DestinationConfig',
] as const satisfies readonly (keyof Given)[];

const SIMPLE = [
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'FunctionResponseTypes',
  'ParallelizationFactor',
  'MaximumRecordAgeInSeconds',
  'BisectBatchOnFunctionError',
  'MaximumRetryAttempts',
  'TumblingWindowInSeconds',
  'MetricsConfig',
  'LoggingConfig',
] as const satisfies readonly (keyof Given & keyof MappingSettings)[];

/** The settings before, with what the call gives laid over them. Throws `Fault`. */
export function mergeSettings(source: Source, before: MappingSettings, given: Given): MappingSettings {
  refuseMembers(given);
  const alien = source.kind === 'sqs' ? STREAM_ONLY : (['ScalingConfig'] as const);
  for (const member of alien)
    if (given[member] !== undefined)
      throw invalidParameter(`Unsupported ${member} parameter for given event source mapping type.`);
  const simple = Object.fromEntries(
    SIMPLE.filter((member) => given[member] !== undefined).map((member) => [member, given[member]]),
  );
  const onFailureArn = given.DestinationConfig?.OnFailure?.Destination ?? before.onFailureArn;
  const { FilterCriteria: filters, ScalingConfig: scaling, onFailureArn: _, ...rest } = before;
  const criteria = given.FilterCriteria === undefined ? filters : given.FilterCriteria;
  const merged: MappingSettings = {
    ...rest,
    ...simple,
    ...(criteria?.Filters?.length && { FilterCriteria: criteria }),
    ...((given.ScalingConfig ?? scaling)?.MaximumConcurrency !== undefined && {
      ScalingConfig: given.ScalingConfig ?? scaling,
    }),
    ...(onFailureArn && { onFailureArn }),
  };
  check(source, merged, given);
  return merged;
}

function check(source: Source, settings: MappingSettings, given: Given): void {
  if (given.DestinationConfig?.OnSuccess?.Destination)
    throw unsupported('DestinationConfig.OnSuccess of an event source mapping');
  checkDestination(settings.onFailureArn);
  if ((settings.FilterCriteria?.Filters ?? []).length > 5)
    throw invalidParameter('Filters cannot be more than 5.');
  compileFilters(settings.FilterCriteria);
  const { BatchSize: batch, MaximumBatchingWindowInSeconds: window } = settings;
  if (source.kind !== 'sqs') return;
  if (source.isFifo && window > 0) throw invalidParameter('Batching window is not supported for FIFO queues');
  if (source.isFifo && batch > 10)
    throw invalidParameter('Maximum batch size for FIFO queues cannot be greater than 10');
  if (batch > 10 && window === 0)
    throw invalidParameter(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
}

const DESTINATIONS = new Set(['sqs', 'sns', 's3']);

function checkDestination(arn: string | undefined): void {
  if (!arn) return;
  if (arn.startsWith('kafka://')) throw unsupported('A Kafka topic as a destination');
  if (!DESTINATIONS.has(parseArn(arn)?.service ?? ''))
    throw invalidParameter(`The destination ARN ${arn} is invalid.`);
}
