/** Shard iterators: a place in a shard, good for five minutes. Opaque to their holders. */
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { invalidArgument } from './fault.ts';

export interface ShardPlace {
  readonly scope: Scope;
  readonly stream: string;
  readonly streamId: string;
  readonly shardId: string;
  /** Records behind this sequence number; '': from the first. */
  readonly after: string;
}

export const writeIterator = ({ scope, stream, streamId, shardId, after }: ShardPlace, now: number): string =>
  Buffer.from(JSON.stringify([scope.account, scope.region, stream, streamId, shardId, after, now])).toString(
    'base64',
  );

/** Throws InvalidArgumentException and ExpiredIteratorException. */
export function readIterator(iterator: string | undefined, now: number): ShardPlace {
  const [account, region, stream, streamId, shardId, after, madeMs] = parse(iterator ?? '');
  if (now - Number(madeMs) > limits.kinesisIteratorMs)
    throw new Fault(
      'ExpiredIteratorException',
      `Iterator expired. The iterator was created at time ${new Date(Number(madeMs)).toUTCString()} while right now it is ${new Date(now).toUTCString()} which is further in the future than the tolerated delay of ${limits.kinesisIteratorMs} milliseconds.`,
    );
  return {
    scope: { account: String(account), region: String(region) },
    stream: String(stream),
    streamId: String(streamId),
    shardId: String(shardId),
    after: String(after),
  };
}

function parse(iterator: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(iterator, 'base64').toString());
    if (Array.isArray(value) && value.length === 7) return value;
  } catch {
    // Told below.
  }
  throw invalidArgument('Invalid ShardIterator.');
}
