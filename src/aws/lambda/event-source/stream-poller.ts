/** From a stream to a function: a reader for each shard, children after their parents. */
import { reasonOf } from '../../../base/fault.ts';
import { limits } from '../../../base/limits.ts';
import { backoffMs, createPause, type Poller, type PollerPorts } from './poller.ts';
import { checkpoints } from './rows.ts';
import { readShard } from './shard-reader.ts';
import { createStreamSource } from './stream-source.ts';

export function startStreamPoller(
  ports: PollerPorts,
  after: (ms: number, work: () => void) => () => void,
): Poller {
  const { room, scope, row } = ports;
  const pause = createPause(after);
  const source = createStreamSource(row, ports.roleArn, ports.call);
  const reading = new Map<string, Promise<void>>();
  const finished = new Set<string>();
  let changed: () => void = () => {};

  const follow = async (): Promise<void> => {
    const shards = await source.shards();
    const known = new Set(shards.map(({ id }) => id));
    for (const shard of shards) {
      if (pause.stopped || finished.has(shard.id) || reading.has(shard.id)) continue;
      if (shard.parents.some((id) => known.has(id) && !finished.has(id))) continue;
      reading.set(shard.id, read(shard.id));
    }
  };

  const read = async (shardId: string): Promise<void> => {
    try {
      await readShard({ ...ports, source, shardId, pause });
      if (pause.stopped) return;
      finished.add(shardId);
      changed();
    } catch (thrown) {
      // Looked at again with the next list of shards.
      ports.report(`PROBLEM: ${reasonOf(thrown)}`);
    } finally {
      reading.delete(shardId);
    }
  };

  const loop = async (): Promise<void> => {
    for (const { key, row: saved } of await room.store.list(checkpoints, scope, { prefix: `${row.uuid}/` }))
      if (saved.finished) finished.add(key.slice(row.uuid.length + 1));
    let failures = 0;
    while (!pause.stopped) {
      const next = new Promise<void>((resolve) => {
        changed = resolve;
      });
      try {
        await follow();
        failures = 0;
        // Shards are split and merged now and then; one that ends tells of itself.
        await Promise.race([next, pause.wait(limits.lambdaShardListMs)]);
      } catch (thrown) {
        ports.report(`PROBLEM: ${reasonOf(thrown)}`);
        await pause.wait(backoffMs(failures++));
      }
    }
  };

  const running = loop();
  return {
    release() {
      pause.stop();
      changed();
    },
    async stop() {
      pause.stop();
      changed();
      await running;
      await Promise.all(reading.values());
    },
  };
}
