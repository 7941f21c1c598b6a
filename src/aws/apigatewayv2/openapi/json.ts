/** Reading a document whose shape nobody vouches for. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object there, or an empty one. */
export const objectAt = (value: unknown): JsonObject => (isObject(value) ? value : {});

export const textAt = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined;

export const textsAt = (value: unknown): string[] | undefined =>
  Array.isArray(value) ? value.map(String) : textAt(value)?.split(/\s*,\s*/);

export const numberAt = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
};

export const flagAt = (value: unknown): boolean | undefined =>
  typeof value === 'boolean' ? value : value === 'true' ? true : value === 'false' ? false : undefined;

export const textMapAt = (value: unknown): Record<string, string> | undefined =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, String(member)]))
    : undefined;
