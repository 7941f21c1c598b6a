/**
 * CloudWatch Logs' rows. Events lie in chunks, many to a row: a chunk holds events of one stream and one span of ten
 * seconds, so that spans can be read in order, forwards and backwards, whatever order events came in.
 */
import type { Distribution, LogGroupClass, MetricTransformation } from '@aws-sdk/client-cloudwatch-logs';
import { table } from '../../store/store.ts';

export interface LogGroupRow {
  readonly name: string;
  readonly creationTime: number;
  readonly retentionInDays?: number;
  readonly logGroupClass: LogGroupClass;
  readonly deletionProtectionEnabled: boolean;
  readonly storedBytes: number;
  readonly tags: Readonly<Record<string, string>>;
}

export interface LogStreamRow {
  readonly name: string;
  readonly creationTime: number;
  readonly firstEventTimestamp?: number;
  readonly lastEventTimestamp?: number;
  readonly lastIngestionTime?: number;
}

export interface ChunkRow {
  /** When they were written. */
  readonly ingestionTime: number;
  /** Timestamps, and the messages of the same index. */
  readonly timestamps: readonly number[];
  readonly messages: readonly string[];
}

export interface SubscriptionFilterRow {
  readonly filterName: string;
  readonly filterPattern: string;
  readonly destinationArn: string;
  readonly distribution: Distribution;
  readonly creationTime: number;
}

export interface MetricFilterRow {
  readonly filterName: string;
  readonly filterPattern: string;
  readonly metricTransformations: readonly MetricTransformation[];
  readonly creationTime: number;
}

export interface ResourcePolicyRow {
  readonly policyName: string;
  readonly policyDocument: string;
  readonly lastUpdatedTime: number;
}

/** Keyed by name. No name of a group or a stream has a colon, so keys are joined by colons here. */
export const logGroups = table<LogGroupRow>('logs.groups');
/** `{group}:{stream}`. */
export const logStreams = table<LogStreamRow>('logs.streams');
/** `{group}:{stream}:{span}:{sequence}`. */
export const chunks = table<ChunkRow>('logs.chunks');
/** `{group}:{span}:{stream}`: which streams have events in which span. */
export const spans = table<Record<string, never>>('logs.spans');
/** `{group}:{filter}`. */
export const subscriptionFilters = table<SubscriptionFilterRow>('logs.subscription-filters');
/** `{group}:{filter}`. */
export const metricFilters = table<MetricFilterRow>('logs.metric-filters');
/** Keyed by policy name. */
export const resourcePolicies = table<ResourcePolicyRow>('logs.resource-policies');

const SPAN_MS = 10_000;

export const spanOf = (timestamp: number): string =>
  String(Math.floor(timestamp / SPAN_MS)).padStart(12, '0');
/** Sequences rise with every chunk written: microseconds, or one more than the last. */
export const sequenceText = (sequence: number): string => String(sequence).padStart(16, '0');
