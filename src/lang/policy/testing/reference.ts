/**
 * IAM's rules read plainly, statement by statement, with nothing compiled and nothing shared with the evaluator: slow,
 * and right by inspection. What the evaluator answers is compared with it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
type Json = Readonly<Record<string, unknown>>;

export interface ReferenceRequest {
  readonly action: string;
  readonly resource: string;
  readonly principal: Json;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface ReferencePolicies {
  readonly identity: readonly Json[];
  readonly resource?: Json | undefined;
  readonly boundary?: Json | undefined;
  readonly session?: readonly Json[] | undefined;
  readonly sameAccount: boolean;
}

const many = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);
const statementsOf = (policy: Json): Json[] =>
  (Array.isArray(policy['Statement']) ? policy['Statement'] : [policy['Statement']]) as Json[];

export function decide(
  policies: ReferencePolicies,
  request: ReferenceRequest,
): 'Allow' | 'ExplicitDeny' | 'ImplicitDeny' {
  const lists = {
    identity: policies.identity,
    resource: policies.resource === undefined ? [] : [policies.resource],
    boundary: policies.boundary === undefined ? [] : [policies.boundary],
    session: policies.session ?? [],
  };
  const matching = (list: readonly Json[], effect: string): Json[] =>
    list.flatMap((policy) =>
      statementsOf(policy).filter((one) => one['Effect'] === effect && applies(one, policy, request)),
    );
  for (const list of Object.values(lists)) if (matching(list, 'Deny').length > 0) return 'ExplicitDeny';

  const { principal } = request;
  const kind = String(principal['kind']);
  const granting = matching(lists.resource, 'Allow').map((one) => howNamed(one, principal));
  const byResource = granting.length > 0;
  if (kind === 'service' || kind === 'federated') return byResource ? 'Allow' : 'ImplicitDeny';
  const isRoot = kind === 'root';
  const byIdentity = isRoot || matching(lists.identity, 'Allow').length > 0;
  const limited =
    (policies.boundary !== undefined && matching(lists.boundary, 'Allow').length === 0) ||
    (policies.session !== undefined && matching(lists.session, 'Allow').length === 0);
  if (!policies.sameAccount) {
    if (!byResource) return 'ImplicitDeny';
    if (kind === 'anonymous') return 'Allow';
    return byIdentity && (isRoot || !limited) ? 'Allow' : 'ImplicitDeny';
  }
  // A resource may let in by itself whoever it names, except that naming the account hands the question on.
  for (const naming of granting) {
    if (naming === 'itself') return 'Allow';
    if (naming === 'account') continue;
    if (kind !== 'assumed-role' || !limited) return 'Allow';
  }
  return byIdentity && (isRoot || !limited) ? 'Allow' : 'ImplicitDeny';
}

function applies(statement: Json, policy: Json, request: ReferenceRequest): boolean {
  const variables = policy['Version'] === '2012-10-17';
  const like = (pattern: string, text: string) =>
    matches(pattern, text, true, variables ? request : undefined);
  const action = request.action.toLowerCase();
  // Actions know no variables.
  const isAction = (pattern: string) => matches(pattern.toLowerCase(), action, true, undefined);
  if (statement['Action'] !== undefined && !many(statement['Action']).some(isAction)) return false;
  if (statement['NotAction'] !== undefined && many(statement['NotAction']).some(isAction)) return false;
  const isResource = (pattern: string) => likeArn(pattern, request.resource, like);
  if (statement['Resource'] !== undefined && !many(statement['Resource']).some(isResource)) return false;
  if (statement['NotResource'] !== undefined && many(statement['NotResource']).some(isResource)) return false;
  if (
    (statement['Principal'] ?? statement['NotPrincipal']) !== undefined &&
    howNamed(statement, request.principal) === undefined
  )
    return false;
  return Object.entries((statement['Condition'] ?? {}) as Json).every(([operator, keys]) =>
    Object.entries(keys as Json).every(([key, values]) =>
      holds(operator, key, many(values), request, variables),
    ),
  );
}

/** Each of an ARN's six parts by itself; a pattern that is no ARN is plain text. */
function likeArn(pattern: string, arn: string, like: (pattern: string, text: string) => boolean): boolean {
  if (!pattern.startsWith('arn:')) return like(pattern, arn);
  const [wanted, given] = [sixParts(pattern), sixParts(arn)];
  while (wanted.length < 6) wanted.push('*');
  return given.length === 6 && wanted.every((part, index) => like(part, given[index] ?? ''));
}

function sixParts(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  while (parts.length < 5) {
    // A colon inside of a variable separates nothing.
    const end = /^(?:\$\{[^}]*\}|[^:$]|\$(?!\{))*/.exec(rest)?.[0].length ?? 0;
    if (end >= rest.length) break;
    parts.push(rest.slice(0, end));
    rest = rest.slice(end + 1);
  }
  return [...parts, rest];
}

/** `request` is given where variables are filled in; a variable without one value matches nothing. */
function matches(
  pattern: string,
  text: string,
  wildcards: boolean,
  request: ReferenceRequest | undefined,
): boolean {
  let source = '';
  let filled = true;
  const escaped = (plain: string) => plain.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  for (const [token] of pattern.matchAll(/\$\{[^}]*\}|[\s\S]/g)) {
    if (token.startsWith('${') && token.length > 2 && request !== undefined) {
      const [, name = '', , otherwise] = /^\$\{\s*([^,]*?)\s*(,\s*'([^']*)')?\s*\}$/.exec(token) ?? [];
      if (name === '*' || name === '?' || name === '$') source += escaped(name);
      else {
        const values = valuesOf(request, name);
        const value = values.length === 1 ? values[0] : otherwise;
        if (value === undefined) filled = false;
        source += escaped(value ?? '');
      }
    } else if (wildcards && token === '*') source += '[\\s\\S]*';
    else if (wildcards && token === '?') source += '[\\s\\S]';
    else source += escaped(token);
  }
  return filled && new RegExp(`^${source}$`).test(text);
}

const valuesOf = ({ context }: ReferenceRequest, key: string): readonly string[] =>
  Object.entries(context).flatMap(([name, values]) =>
    name.toLowerCase() === key.toLowerCase() ? many(values) : [],
  );

function howNamed(statement: Json, principal: Json): 'itself' | 'role' | 'everyone' | 'account' | undefined {
  const entries = (element: unknown): [string, string][] =>
    element === '*'
      ? [['AWS', '*']]
      : Object.entries((element ?? {}) as Json).flatMap(([type, values]) =>
          many(values).map((value): [string, string] => [type, value]),
        );
  const namings = (element: unknown) =>
    entries(element)
      .map((entry) => nameOf(entry, principal))
      .filter((one) => one !== undefined);
  if (statement['Principal'] !== undefined) {
    const found = namings(statement['Principal']);
    return (['itself', 'everyone', 'role', 'account'] as const).find((naming) => found.includes(naming));
  }
  const spared = namings(statement['NotPrincipal']);
  const kind = principal['kind'];
  const needsAccount = statement['Effect'] === 'Deny' && (kind === 'user' || kind === 'assumed-role');
  const isSpared = needsAccount
    ? spared.includes('everyone') ||
      (spared.includes('account') && (spared.includes('itself') || spared.includes('role')))
    : spared.length > 0;
  return isSpared ? undefined : 'everyone';
}

function nameOf(
  [type, value]: [string, string],
  principal: Json,
): 'itself' | 'role' | 'everyone' | 'account' | undefined {
  const { kind, account, arn, userId, service, provider } = principal as Record<string, string | undefined>;
  if (type === 'Service')
    return kind === 'service' && (value === '*' || value === service) ? 'itself' : undefined;
  if (type === 'Federated')
    return kind === 'federated' && (value === '*' || value === provider) ? 'itself' : undefined;
  if (type !== 'AWS') return undefined;
  if (value === '*') return 'everyone';
  if (account === undefined) return undefined;
  if (value === account || value === `arn:aws:iam::${account}:root`)
    return kind === 'root' ? 'itself' : 'account';
  if (value === arn || value === userId) return 'itself';
  if (kind !== 'assumed-role') return undefined;
  const roleName = arn?.split('/')[1];
  const isRole = value.startsWith(`arn:aws:iam::${account}:role/`) && value.split('/').at(-1) === roleName;
  return isRole || value === userId?.split(':')[0] ? 'role' : undefined;
}

function holds(
  operator: string,
  key: string,
  values: readonly string[],
  request: ReferenceRequest,
  variables: boolean,
): boolean {
  const set = /^(ForAllValues|ForAnyValue):/.exec(operator)?.[1];
  const bare = operator.replace(/^\w+:/, '').replace(/IfExists$/, '');
  const given = valuesOf(request, key);
  if (bare === 'Null') return values.some((value) => (value === 'true') === (given.length === 0));
  const negated = /Not/.test(bare);
  if (given.length === 0)
    return operator.endsWith('IfExists') || set === 'ForAllValues' || (negated && set === undefined);
  const one = (text: string): boolean =>
    values.some((value) =>
      compares(bare.replace('Not', ''), value, text, variables ? request : undefined),
    ) !== negated;
  return set === 'ForAllValues' || (set === undefined && negated) ? given.every(one) : given.some(one);
}

function compares(
  operator: string,
  policy: string,
  given: string,
  request: ReferenceRequest | undefined,
): boolean {
  const number = Number(given) - Number(policy);
  const time = Date.parse(given) - Date.parse(policy);
  switch (operator) {
    case 'StringEquals':
      return matches(policy, given, false, request);
    case 'StringEqualsIgnoreCase':
      return matches(policy.toLowerCase(), given.toLowerCase(), false, lowered(request));
    case 'StringLike':
      return matches(policy, given, true, request);
    case 'Bool':
      return policy.toLowerCase() === given.toLowerCase();
    case 'ArnEquals':
    case 'ArnLike':
      return likeArn(policy, given, (pattern, text) => matches(pattern, text, true, request));
    case 'NumericEquals':
      return number === 0;
    case 'NumericLessThan':
      return number < 0;
    case 'NumericLessThanEquals':
      return number <= 0;
    case 'NumericGreaterThan':
      return number > 0;
    case 'NumericGreaterThanEquals':
      return number >= 0;
    case 'DateEquals':
      return time === 0;
    case 'DateLessThan':
      return time < 0;
    case 'DateGreaterThan':
      return time > 0;
    case 'IpAddress':
      return inBlock(given, policy);
    default:
      throw new Error(`the reference does not know ${operator}`);
  }
}

function lowered(request: ReferenceRequest | undefined): ReferenceRequest | undefined {
  if (request === undefined) return undefined;
  const context = Object.entries(request.context).map(([key, values]) => [
    key,
    many(values).map((value) => value.toLowerCase()),
  ]);
  return { ...request, context: Object.fromEntries(context) as ReferenceRequest['context'] };
}

/** IPv4 only: bit by bit. */
function inBlock(address: string, block: string): boolean {
  const bits = (text: string): string =>
    text
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  const [base = '', prefix = '32'] = block.split('/');
  return bits(address).slice(0, Number(prefix)) === bits(base).slice(0, Number(prefix));
}
