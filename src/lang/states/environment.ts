/** What paths of a state may read: its input (`$`), the context object (`$$`) and variables (`$name`). */
import { compilePath, type ReadPath } from '../json-path/compile.ts';

export interface Environment {
  readonly input: unknown;
  readonly context: unknown;
  readonly variables: Readonly<Record<string, unknown>>;
}

export type Read = (environment: Environment) => unknown;

/** Whether a text begins as a path may begin. */
export const looksLikePath = (text: string): boolean => text.startsWith('$');

/** Compiles a path of the states language. Gives undefined where there is no result. Throws JsonPathError. */
export function compileRead(text: string): Read {
  if (text.startsWith('$$')) {
    const read = compileRooted(text.slice(2));
    return ({ context }) => read(context);
  }
  const variable = /^\$([A-Za-z_][A-Za-z0-9_]*)/.exec(text);
  if (variable !== null) {
    const [whole, name = ''] = variable;
    const read = compileRooted(text.slice(whole.length));
    return ({ variables }) => (Object.hasOwn(variables, name) ? read(variables[name]) : undefined);
  }
  const read = compileRooted(text.slice(1));
  return ({ input }) => read(input);
}

const cache = new Map<string, ReadPath>();
const CACHED = 2_000;

function compileRooted(rest: string): ReadPath {
  const known = cache.get(rest);
  if (known !== undefined) return known;
  const read = compilePath(`$${rest}`);
  if (cache.size >= CACHED) cache.clear();
  cache.set(rest, read);
  return read;
}
