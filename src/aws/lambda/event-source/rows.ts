/** Event source mappings' rows, and how far each shard of a stream has been read. */
import type {
  EventSourceMappingConfiguration,
  EventSourceMappingLoggingConfig,
  EventSourceMappingMetricsConfig,
  EventSourcePosition,
  FilterCriteria,
  ScalingConfig,
} from '@aws-sdk/client-lambda';
import { table } from '../../../store/store.ts';

export type SourceKind = 'sqs' | 'kinesis' | 'dynamodb';

/** By AWS's names, each with its default where the source has one. */
export interface MappingSettings {
  readonly BatchSize: number;
  readonly MaximumBatchingWindowInSeconds: number;
  readonly FilterCriteria?: FilterCriteria;
  readonly FunctionResponseTypes: NonNullable<EventSourceMappingConfiguration['FunctionResponseTypes']>;
  readonly ScalingConfig?: ScalingConfig;
  readonly MetricsConfig?: EventSourceMappingMetricsConfig;
  readonly LoggingConfig?: EventSourceMappingLoggingConfig;
  /** Streams only, from here on. */
  readonly ParallelizationFactor?: number;
  readonly MaximumRecordAgeInSeconds?: number;
  readonly BisectBatchOnFunctionError?: boolean;
  readonly MaximumRetryAttempts?: number;
  readonly TumblingWindowInSeconds?: number;
  readonly onFailureArn?: string;
}

export interface MappingRow {
  readonly uuid: string;
  readonly kind: SourceKind;
  readonly sourceArn: string;
  readonly functionName: string;
  /** A version or an alias; absent for the function itself. */
  readonly qualifier?: string;
  readonly enabled: boolean;
  readonly settings: MappingSettings;
  readonly startingPosition?: EventSourcePosition;
  /** Milliseconds since 1970, as the other times. */
  readonly startingTimestamp?: number;
  readonly createdAt: number;
  readonly lastModified: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface CheckpointRow {
  /** The last record that is dealt with. */
  readonly sequenceNumber?: string;
  /** The shard has ended, and nothing of it is left. */
  readonly finished?: boolean;
  /** The tumbling window that is open, and what the function made of it so far. */
  readonly window?: { readonly startMs: number; readonly state: unknown };
}

/** Keyed by UUID. */
export const mappings = table<MappingRow>('lambda.event-source-mappings');
/** `{uuid}/{shardId}`. */
export const checkpoints = table<CheckpointRow>('lambda.stream-checkpoints');
