/** Makes a thing at its first use, once; a failure is not remembered. */
export function lazily<T>(make: () => Promise<T>): Lazy<T> {
  let made: Promise<T> | undefined;
  let ready: { readonly value: T } | undefined;
  const get = (): Promise<T> => {
    made ??= make().then(
      (value) => {
        ready = { value };
        return value;
      },
      (error: unknown) => {
        made = undefined;
        throw error;
      },
    );
    return made;
  };
  return Object.assign(get, {
    ifMade: () => made,
    use: <R>(work: (value: T) => R | Promise<R>) =>
      ready === undefined ? get().then(work) : work(ready.value),
  });
}

export interface Lazy<T> {
  (): Promise<T>;
  /** What was made, when anything was. */
  ifMade(): Promise<T> | undefined;
  /** Works with it: at once when it is made, so that who asks often waits for nothing. */
  use<R>(work: (value: T) => R | Promise<R>): R | Promise<R>;
}
