/** Hands items from a producer to one consumer, one at a time: the producer waits until its item was taken. */
export interface Channel<Item> {
  readonly events: AsyncIterable<Item>;
  /** Resolves, with nothing, when the first item was sent. */
  readonly started: Promise<undefined>;
  /** Resolves when the item was taken, or nobody listens any more. */
  send(item: Item): Promise<void>;
  end(): void;
  fail(thrown: unknown): void;
}

interface Offered<Item> {
  readonly item: Item;
  readonly taken: () => void;
}

export function createChannel<Item>(): Channel<Item> {
  const offered: Offered<Item>[] = [];
  let finish: { readonly thrown?: unknown; readonly failed: boolean } | undefined;
  let abandoned = false;
  let wake: () => void = () => {};
  let start: (value: undefined) => void = () => {};
  const started = new Promise<undefined>((resolve) => {
    start = resolve;
  });

  async function* events(): AsyncGenerator<Item> {
    try {
      for (;;) {
        const next = offered.shift();
        if (next !== undefined) {
          yield next.item;
          next.taken();
        } else if (finish !== undefined) {
          if (finish.failed) throw finish.thrown;
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    } finally {
      abandoned = true;
      for (const { taken } of offered.splice(0)) taken();
    }
  }

  return {
    events: events(),
    started,
    send(item) {
      start(undefined);
      if (abandoned) return Promise.resolve();
      return new Promise<void>((taken) => {
        offered.push({ item, taken });
        wake();
      });
    },
    end() {
      finish ??= { failed: false };
      wake();
    },
    fail(thrown) {
      finish ??= { failed: true, thrown };
      wake();
    },
  };
}
