/**
 * JSONata state machines: `{% expression %}` in any field, over `$states` and variables.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
import { createHash, randomUUID } from 'node:crypto';
import jsonata from 'jsonata';
import { seeded } from './intrinsic-functions.ts';
import { isObject } from './reference-path.ts';
import { StateError } from './state-error.ts';

/** `$states` and variables, by the names expressions know them under (without `$`). */
export type Bindings = Readonly<Record<string, unknown>>;

/** `field` names the place in error texts: `Output`, `Arguments/Name`. */
export type Evaluate = (bindings: Bindings, field: string) => Promise<unknown>;

const EXPRESSION = /^\{%([\s\S]*)%\}$/;

export const isExpression = (value: unknown): value is string =>
  typeof value === 'string' && EXPRESSION.test(value.trim());

/** Ours: AWS names no time, and an expression must not hold the server. */
const MOST_EVALUATION_MS = 1_000;
const MOST_EVALUATION_DEPTH = 500;

/** Compiles any value with expressions in it. Throws SyntaxError. */
export function compileJsonata(value: unknown): Evaluate {
  if (isExpression(value)) return compileExpression(value);
  if (Array.isArray(value)) {
    const items = value.map(compileJsonata);
    return (bindings, field) => Promise.all(items.map((item, at) => item(bindings, `${field}[${at}]`)));
  }
  if (!isObject(value)) return async () => value;
  const fields = Object.entries(value).map(([name, inner]) => [name, compileJsonata(inner)] as const);
  return async (bindings, field) => {
    const made = fields.map(
      async ([name, inner]) => [name, await inner(bindings, `${field}/${name}`)] as const,
    );
    return Object.fromEntries(await Promise.all(made));
  };
}

function compileExpression(text: string): Evaluate {
  const source = EXPRESSION.exec(text.trim())?.[1] ?? '';
  let compiled: ReturnType<typeof jsonata>;
  try {
    compiled = jsonata(source, { timeout: MOST_EVALUATION_MS, stack: MOST_EVALUATION_DEPTH });
  } catch (thrown) {
    throw new SyntaxError(messageOf(thrown));
  }
  if (/\$eval\b/.test(source)) throw new SyntaxError('$eval is not supported');
  for (const [name, { run, signature }] of Object.entries(FUNCTIONS))
    compiled.registerFunction(name, run, signature);
  return async (bindings, field) => {
    const result = await evaluate(compiled, bindings, text, field);
    if (result === undefined)
      throw new StateError(
        'States.QueryEvaluationError',
        `The JSONata expression '${source.trim()}' specified for the field '${field}' returned nothing (undefined).`,
      );
    return plain(result);
  };
}

async function evaluate(
  compiled: ReturnType<typeof jsonata>,
  bindings: Bindings,
  text: string,
  field: string,
): Promise<unknown> {
  try {
    return await compiled.evaluate(undefined, bindings);
  } catch (thrown) {
    const source = EXPRESSION.exec(text.trim())?.[1]?.trim() ?? text;
    throw new StateError(
      'States.QueryEvaluationError',
      `The JSONata expression '${source}' specified for the field '${field}' threw an error during evaluation. ${codeOf(thrown)}${messageOf(thrown)}`,
    );
  }
}

/** Sequences of the library carry marks of its own; functions are no data. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null') as unknown;

const codeOf = (thrown: unknown): string =>
  isObject(thrown) && typeof thrown['code'] === 'string' ? `${thrown['code']}: ` : '';
const messageOf = (thrown: unknown): string =>
  isObject(thrown) && typeof thrown['message'] === 'string' ? thrown['message'] : String(thrown);

interface Added {
  // Each takes what its signature lets through, which the library checks.
  readonly run: Parameters<ReturnType<typeof jsonata>['registerFunction']>[1];
  readonly signature?: string;
}

/** Step Functions adds these: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html */
const FUNCTIONS: Readonly<Record<string, Added>> = {
  partition: {
    run: (list: readonly unknown[], size: number) =>
      Array.from({ length: Math.ceil(list.length / size) }, (_, at) =>
        list.slice(at * size, (at + 1) * size),
      ),
    signature: '<a-n:a>',
  },
  range: {
    run: (first: number, last: number, step: number) => {
      const count = Math.floor((last - first) / step) + 1;
      if (!Number.isFinite(count) || count > 1_000_000) throw new Error('$range: too many items');
      return Array.from({ length: Math.max(count, 0) }, (_, at) => first + at * step);
    },
    signature: '<nnn:a>',
  },
  hash: {
    run: (text: string, algorithm: string) => {
      const name = HASHES[algorithm];
      if (name === undefined) throw new Error(`$hash: unknown algorithm ${algorithm}`);
      return createHash(name).update(text).digest('hex');
    },
    signature: '<s-s:s>',
  },
  random: {
    run: (seed?: number) => (seed === undefined ? Math.random() : seeded(seed)),
    signature: '<n?:n>',
  },
  uuid: { run: () => randomUUID(), signature: '<:s>' },
  parse: { run: (text: string) => JSON.parse(text) as unknown, signature: '<s-:x>' },
};

const HASHES: Readonly<Record<string, string>> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};
