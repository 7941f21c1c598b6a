/** Makes a thing at its first use, once; a failure is not remembered. */
export function lazily<T>(make: () => Promise<T>): Lazy<T> {
  let made: Promise<T> | undefined;
  const get = (): Promise<T> => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  return Object.assign(get, { ifMade: () => made });
}

export interface Lazy<T> {
  (): Promise<T>;
  /** What was made, when anything was. */
  ifMade(): Promise<T> | undefined;
}
