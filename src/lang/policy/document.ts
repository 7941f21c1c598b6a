/** Policy documents: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */

/** Where a policy is attached decides what must be in it. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

export interface PolicyDocument {
  readonly version: string;
  readonly id?: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  /** `NotPrincipal`, `NotAction`, `NotResource` when `negated`; null where the statement has neither. */
  readonly principal: Element<PrincipalEntry> | null;
  readonly action: Element<string>;
  readonly resource: Element<string> | null;
  readonly conditions: readonly Condition[];
}

export interface Element<T> {
  readonly negated: boolean;
  readonly values: readonly T[];
}

export interface PrincipalEntry {
  readonly type: 'AWS' | 'Service' | 'Federated' | 'CanonicalUser';
  readonly value: string;
}

export interface Condition {
  /** As written: `ForAnyValue:StringLikeIfExists`. */
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

/** Why a document is no policy, in AWS's words. */
export class PolicyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PolicyError';
  }
}

export const SYNTAX_ERROR = 'Syntax errors in policy.';

const fail = (): never => {
  throw new PolicyError(SYNTAX_ERROR);
};

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : fail());

const DOCUMENT_MEMBERS = new Set(['Version', 'Id', 'Statement']);
const STATEMENT_MEMBERS = new Set([
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);
const VERSIONS = new Set(['2008-10-17', '2012-10-17']);

/** Reads a policy from its text or parsed JSON. Throws PolicyError. */
export function parsePolicy(document: unknown): PolicyDocument {
  const fields = fieldsOf(typeof document === 'string' ? parseText(document) : document);
  onlyMembers(fields, DOCUMENT_MEMBERS);
  const version = fields['Version'] ?? '2008-10-17';
  if (typeof version !== 'string' || !VERSIONS.has(version)) return fail();
  const id = optionalText(fields['Id']);
  const statement = fields['Statement'];
  const statements = (Array.isArray(statement) ? statement : [statement]).map(parseStatement);
  if (statements.length === 0) return fail();
  return { version, statements, ...(id === undefined ? {} : { id }) };
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return fail();
  }
}

function onlyMembers(fields: Fields, known: ReadonlySet<string>): void {
  for (const name of Object.keys(fields)) if (!known.has(name)) fail();
}

const optionalText = (value: unknown): string | undefined =>
  value === undefined || typeof value === 'string' ? value : fail();

function parseStatement(value: unknown): Statement {
  const fields = fieldsOf(value);
  onlyMembers(fields, STATEMENT_MEMBERS);
  const effect = fields['Effect'];
  if (effect !== 'Allow' && effect !== 'Deny') return fail();
  const sid = optionalText(fields['Sid']);
  return {
    ...(sid === undefined ? {} : { sid }),
    effect,
    principal: either(fields, 'Principal', 'NotPrincipal', parsePrincipals),
    // That there are actions at all is for the caller to check, who has a sentence of its own for it.
    action: either(fields, 'Action', 'NotAction', texts) ?? { negated: false, values: [] },
    resource: either(fields, 'Resource', 'NotResource', texts),
    conditions: parseConditions(fields['Condition']),
  };
}

function either<T>(
  fields: Fields,
  name: string,
  negative: string,
  parse: (value: unknown) => readonly T[],
): Element<T> | null {
  const positive = fields[name];
  const negated = fields[negative];
  if (positive !== undefined && negated !== undefined) return fail();
  if (positive !== undefined) return { negated: false, values: parse(positive) };
  return negated === undefined ? null : { negated: true, values: parse(negated) };
}

function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => (typeof item === 'string' ? item : fail()));
}

function parsePrincipals(value: unknown): readonly PrincipalEntry[] {
  if (value === '*') return [{ type: 'AWS', value: '*' }];
  return Object.entries(fieldsOf(value)).flatMap(([type, entries]) =>
    texts(entries).map((entry) => ({ type: isPrincipalType(type) ? type : fail(), value: entry })),
  );
}

const isPrincipalType = (type: string): type is PrincipalEntry['type'] =>
  type === 'AWS' || type === 'Service' || type === 'Federated' || type === 'CanonicalUser';

function parseConditions(value: unknown): readonly Condition[] {
  if (value === undefined) return [];
  return Object.entries(fieldsOf(value)).flatMap(([operator, keys]) =>
    Object.entries(fieldsOf(keys)).map(([key, values]) => ({
      operator,
      key,
      values: (Array.isArray(values) ? values : [values]).map(conditionValue),
    })),
  );
}

/** Numbers and Booleans may be written without quotes. */
const conditionValue = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : fail();
