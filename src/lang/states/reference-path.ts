/**
 * Reference paths (`$.a.b[0]`), which name exactly one place: `ResultPath` writes there.
 * https://states-language.net/spec.html#ref-paths
 */
import { StateError } from './state-error.ts';

export type Step = string | number;

const STEP = /\.([^.[\]'"]+)|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]/y;

/** The steps of a reference path; undefined when the text is none. */
export function parseReferencePath(text: string): Step[] | undefined {
  if (!text.startsWith('$') || text.startsWith('$$')) return undefined;
  const steps: Step[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null) return undefined;
    const [, name, single, double, index] = match;
    const quoted = single ?? double;
    if (index !== undefined) steps.push(Number(index));
    else if (quoted !== undefined) steps.push(quoted.replace(/\\(.)/g, '$1'));
    else if (name !== undefined && !/[*?@,:]/.test(name)) steps.push(name);
    else return undefined;
  }
  return steps;
}

/** A copy of `document` with `value` at the place; parents that are missing are made. */
export function writeAt(document: unknown, steps: readonly Step[], value: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    if (!Array.isArray(document) || step >= document.length) throw noMatch(document);
    return document.map((item, at) => (at === step ? writeAt(item, rest, value) : item));
  }
  if (document !== undefined && document !== null && !isObject(document)) throw noMatch(document);
  const parent = isObject(document) ? document : {};
  return { ...parent, [step]: writeAt(own(parent, step), rest, value) };
}

const own = (parent: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.hasOwn(parent, name) ? parent[name] : undefined;

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const noMatch = (document: unknown): StateError =>
  new StateError(
    'States.ResultPathMatchFailure',
    `Unable to apply ReferencePath to input ${JSON.stringify(document)}`,
  );
