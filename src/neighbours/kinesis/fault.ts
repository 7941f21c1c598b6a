/** Kinesis' own words. */
import { Fault } from '../../base/fault.ts';

export const invalidArgument = (message: string): Fault => new Fault('InvalidArgumentException', message);

export const noStream = (name: string, account: string): Fault =>
  new Fault('ResourceNotFoundException', `Stream ${name} under account ${account} not found.`);

export const noShard = (shardId: string, name: string, account: string): Fault =>
  new Fault(
    'ResourceNotFoundException',
    `Could not find shard ${shardId} in stream ${name} under account ${account}.`,
  );

export const inUse = (message: string): Fault => new Fault('ResourceInUseException', message);

export const limitExceeded = (message: string): Fault => new Fault('LimitExceededException', message);
