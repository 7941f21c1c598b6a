/** The evaluator against the rules read plainly and slowly, over random policies and requests. */
import { expect, test } from 'bun:test';
import { compilePolicy } from './compile.ts';
import { evaluate } from './evaluate.ts';

type Statement = Record<string, unknown> & { Effect: string };

/** Mulberry32: the same policies in every run. */
function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % sides;
  };
}

const ACTIONS = ['s3:GetObject', 's3:PutObject', 'iam:PassRole', 'execute-api:Invoke'];
const ACTION_PATTERNS = [...ACTIONS, '*', 's3:*', 'S3:get*', 'i*:Pass*', '*:Invoke', 's3:?utObject'];
const RESOURCES = ['arn:aws:s3:::b/x', 'arn:aws:s3:::b/ann/y', 'arn:aws:s3:::c', 'arn:aws:sns:eu-west-1:1:t'];
const RESOURCE_PATTERNS = [
  ...RESOURCES,
  '*',
  'arn:aws:s3:::b/*',
  'arn:aws:s3',
  'arn:*:*:*:*:t',
  'arn:aws:s3:::?',
  'arn:aws:s3:::b/${aws:username}/*',
  "arn:aws:s3:::b/${k, 'x'}",
];
const KEYS = ['aws:username', 'k', 'tags'];
const VALUES = ['ann', 'x', '5', '10', 'true', 'Ann', '*'];
const PATTERNS = [...VALUES, 'a*', '?', '${aws:username}', '7'];
const BASES = [
  'StringEquals',
  'StringNotEquals',
  'StringLike',
  'StringNotLike',
  'StringEqualsIgnoreCase',
  'NumericLessThan',
  'NumericNotEquals',
  'Bool',
];

function glob(
  pattern: string,
  text: string,
  variables: (key: string) => string | undefined,
  wild = true,
): boolean {
  let missing = false;
  const source = pattern.replace(
    /\$\{(\w[^,}]*)(?:, '([^']*)')?\}|[\s\S]/g,
    (char, key?: string, fallback?: string) => {
      if (key === undefined)
        return wild && char === '*' ? '.*' : wild && char === '?' ? '.' : escapeText(char);
      const value = variables(key) ?? fallback;
      if (value === undefined) missing = true;
      return escapeText(value ?? '');
    },
  );
  return !missing && new RegExp(`^${source}$`, 's').test(text);
}
const escapeText = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Colons inside a variable are no borders. */
const split = (text: string): string[] => {
  const parts = text.replaceAll('${aws:username}', '\u0001').split(':');
  return [...parts.slice(0, 5), parts.slice(5).join(':')].map((part) =>
    part.replaceAll('\u0001', '${aws:username}'),
  );
};

function arnGlob(pattern: string, arn: string, variables: (key: string) => string | undefined): boolean {
  if (pattern === '*') return true;
  const given = split(arn);
  return split(pattern).every((part, i) =>
    glob(part === '' && i >= pattern.split(':').length ? '*' : part, given[i] ?? '', variables),
  );
}

function conditionHolds(
  operator: string,
  wanted: string[],
  given: string[] | undefined,
  variables: (key: string) => string | undefined,
): boolean {
  const [, set, base = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const negative = base.includes('Not');
  const one = (value: string, policy: string): boolean => {
    if (base.startsWith('Numeric')) {
      const [a, b] = [Number(value), Number(policy)];
      if (Number.isNaN(a) || Number.isNaN(b)) return false;
      return base === 'NumericLessThan' ? a < b : a === b;
    }
    if (base === 'StringEqualsIgnoreCase' || base === 'Bool')
      return glob(policy.toLowerCase(), value.toLowerCase(), (key) => variables(key)?.toLowerCase(), false);
    return glob(policy, value, variables, base.includes('Like'));
  };
  const fits = (value: string): boolean => {
    const any = wanted.some((policy) => one(value, policy));
    return negative ? !any : any;
  };
  if (given === undefined || given.length === 0) {
    if (ifExists !== undefined || set === 'ForAllValues') return true;
    return set === undefined && negative;
  }
  if (set === 'ForAllValues') return given.every(fits);
  if (set === 'ForAnyValue') return given.some(fits);
  return negative ? given.every(fits) : given.some(fits);
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value : [String(value)]);

function applies(
  statement: Statement,
  action: string,
  resource: string,
  context: Record<string, string[]>,
): boolean {
  const variables = (key: string): string | undefined => {
    const values = context[key];
    return values?.length === 1 ? values[0] : undefined;
  };
  const element = (name: string, test: (pattern: string) => boolean): boolean =>
    statement[name] === undefined
      ? !list(statement[`Not${name}`]).some(test)
      : list(statement[name]).some(test);
  return (
    element('Action', (pattern) => glob(pattern.toLowerCase(), action.toLowerCase(), () => undefined)) &&
    element('Resource', (pattern) => arnGlob(pattern, resource, variables)) &&
    Object.entries((statement['Condition'] ?? {}) as Record<string, Record<string, string[]>>).every(
      ([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) =>
          conditionHolds(operator, wanted, context[key], variables),
        ),
    )
  );
}

const some = <T>(roll: (sides: number) => number, from: readonly T[], most: number): T[] =>
  Array.from({ length: 1 + roll(most) }, () => pick(roll, from));
function pick<T>(roll: (sides: number) => number, from: readonly T[]): T {
  const item = from[roll(from.length)];
  if (item === undefined) throw new Error('nothing to pick');
  return item;
}

function randomStatement(roll: (sides: number) => number): Statement {
  const statement: Statement = { Effect: roll(3) === 0 ? 'Deny' : 'Allow' };
  statement[roll(5) === 0 ? 'NotAction' : 'Action'] = some(roll, ACTION_PATTERNS, 3);
  statement[roll(5) === 0 ? 'NotResource' : 'Resource'] = some(roll, RESOURCE_PATTERNS, 3);
  if (roll(2) === 0) {
    const set = pick(roll, ['', '', 'ForAllValues:', 'ForAnyValue:']);
    const operator = set + pick(roll, BASES) + (roll(4) === 0 ? 'IfExists' : '');
    statement['Condition'] = { [operator]: { [pick(roll, KEYS)]: some(roll, PATTERNS, 2) } };
  }
  return statement;
}

test('ten thousand random questions', () => {
  const roll = dice(20121017);
  for (let round = 0; round < 10_000; round++) {
    const statements = Array.from({ length: 1 + roll(4) }, () => randomStatement(roll));
    const action = pick(roll, ACTIONS);
    const resource = pick(roll, RESOURCES);
    const context: Record<string, string[]> = {};
    for (const key of KEYS) if (roll(3) > 0) context[key] = some(roll, VALUES, key === 'tags' ? 3 : 1);
    const matching = statements.filter((statement) => applies(statement, action, resource, context));
    const denied = matching.some(({ Effect }) => Effect === 'Deny');
    const expected = denied ? 'ExplicitDeny' : matching.length > 0 ? 'Allow' : 'ImplicitDeny';
    const policy = compilePolicy({ Version: '2012-10-17', Statement: statements });
    const { effect } = evaluate({ identity: [policy] }, { action, resource, context });
    if (effect !== expected)
      throw new Error(
        `${effect} instead of ${expected}: ${JSON.stringify({ statements, action, resource, context })}`,
      );
  }
  expect(true).toBe(true);
});
