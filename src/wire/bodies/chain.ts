/** Streams through stages without ever destroying the source: the reply still has to go out on its connection. */
import type { Readable, Transform } from 'node:stream';

/** What fails anywhere ends the last stage with that error. A source that breaks off does as well. */
export function chain(source: Readable, stages: readonly Transform[]): Readable {
  let last: Readable = source;
  const end = stages.at(-1);
  if (end === undefined) return source;
  const fail = (reason: Error): void => {
    const [first] = stages;
    if (first !== undefined) source.unpipe(first);
    end.destroy(reason);
  };
  source.once('error', fail);
  source.once('close', () => {
    if (!source.readableEnded) fail(new Error('the request broke off'));
  });
  for (const stage of stages) {
    if (stage !== end) stage.once('error', fail);
    last = last.pipe(stage);
  }
  return last;
}
