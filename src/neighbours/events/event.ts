/** Events, as rules see them and targets get them. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html */
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { Scope } from '../../base/scope.ts';

export interface BusEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  /** To the second. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export const timeText = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');

export const eventOf = (
  entry: PutEventsRequestEntry,
  { id, scope, now }: { readonly id: string; readonly scope: Scope; readonly now: number },
): BusEvent => ({
  version: '0',
  id,
  'detail-type': entry.DetailType ?? '',
  source: entry.Source ?? '',
  account: scope.account,
  time: timeText(entry.Time?.getTime() ?? now),
  region: scope.region,
  resources: [...(entry.Resources ?? [])],
  detail: JSON.parse(entry.Detail ?? '{}') as unknown,
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
export function entryBytes({ Time, Source, DetailType, Detail, Resources }: PutEventsRequestEntry): number {
  const texts = [Source, DetailType, Detail, ...(Resources ?? [])];
  return (Time ? 14 : 0) + texts.reduce((sum, text) => sum + Buffer.byteLength(text ?? ''), 0);
}
