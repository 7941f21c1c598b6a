/** A bucket's notification configuration: who wants to hear of what. */
import type { NotificationConfiguration, NotificationConfigurationFilter } from '@aws-sdk/client-s3';

export interface Destination {
  readonly kind: 'queue' | 'topic' | 'function';
  readonly arn: string;
  readonly id: string;
  readonly events: readonly string[];
  readonly filter: NotificationConfigurationFilter | undefined;
}

export const destinationsOf = (configuration: NotificationConfiguration): readonly Destination[] => [
  ...(configuration.QueueConfigurations ?? []).map((each) => ({
    kind: 'queue' as const,
    arn: each.QueueArn ?? '',
    id: each.Id ?? '',
    events: each.Events ?? [],
    filter: each.Filter,
  })),
  ...(configuration.TopicConfigurations ?? []).map((each) => ({
    kind: 'topic' as const,
    arn: each.TopicArn ?? '',
    id: each.Id ?? '',
    events: each.Events ?? [],
    filter: each.Filter,
  })),
  ...(configuration.LambdaFunctionConfigurations ?? []).map((each) => ({
    kind: 'function' as const,
    arn: each.LambdaFunctionArn ?? '',
    id: each.Id ?? '',
    events: each.Events ?? [],
    filter: each.Filter,
  })),
];

/** Those that happen here. */
const EVENTS = new Set([
  's3:ObjectCreated:*',
  's3:ObjectCreated:Put',
  's3:ObjectCreated:Post',
  's3:ObjectCreated:Copy',
  's3:ObjectCreated:CompleteMultipartUpload',
  's3:ObjectRemoved:*',
  's3:ObjectRemoved:Delete',
  's3:ObjectRemoved:DeleteMarkerCreated',
]);

/** The first event of a configuration that never happens here. */
export const strangeEvent = (configuration: NotificationConfiguration): string | undefined =>
  destinationsOf(configuration)
    .flatMap(({ events }) => events)
    .find((event) => !EVENTS.has(event));

export function wants({ events, filter }: Destination, event: string, key: string): boolean {
  const [group] = event.split(':');
  if (!events.some((each) => each === `s3:${event}` || each === `s3:${group}:*`)) return false;
  return (filter?.Key?.FilterRules ?? []).every(({ Name, Value = '' }) =>
    Name?.toLowerCase() === 'prefix' ? key.startsWith(Value) : key.endsWith(Value),
  );
}
