/** Calls of one function from many items of a list, made together. https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-lambda-resolvers.html */

export interface Batches {
  /** Resolves with this payload's own result. All that come before the event loop turns are one call, `size` at most. */
  add(
    name: string,
    size: number,
    payload: unknown,
    send: (payloads: readonly unknown[]) => Promise<readonly unknown[]>,
  ): Promise<unknown>;
}

interface Waiting {
  readonly payload: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

export function createBatches(): Batches {
  const waiting = new Map<string, Waiting[]>();
  return {
    add(name, size, payload, send) {
      return new Promise((resolve, reject) => {
        const list = waiting.get(name);
        if (list !== undefined) {
          list.push({ payload, resolve, reject });
          if (list.length >= size) flush(name);
          return;
        }
        waiting.set(name, [{ payload, resolve, reject }]);
        if (size <= 1) return void flush(name);
        setImmediate(() => flush(name));
      });
      function flush(key: string): void {
        const list = waiting.get(key);
        if (list === undefined) return;
        waiting.delete(key);
        send(list.map((each) => each.payload)).then(
          (results) => {
            for (const [at, each] of list.entries()) each.resolve(results[at]);
          },
          (thrown: unknown) => {
            for (const each of list) each.reject(thrown);
          },
        );
      }
    },
  };
}
