/** How policy documents come in and go out: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
import { malformedPolicy } from './faults.ts';

/** Answers carry documents URL-encoded after RFC 3986: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export const encodedDocument = (document: string): string =>
  encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Quotas count characters without white space. */
export const documentSize = (document: string): number => document.replace(/\s+/g, '').length;

const VERSIONS = ['2012-10-17', '2008-10-17'];
const POLICY_MEMBERS = ['Version', 'Id', 'Statement'];
const STATEMENT_MEMBERS = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];
const SYNTAX = 'Syntax errors in policy.';

type Statement = Readonly<Record<string, unknown>>;

/** A policy of an identity. Throws MalformedPolicyDocument. */
export function checkIdentityPolicy(document: string): void {
  const policy = parsed(document, SYNTAX);
  if (policy.Version !== undefined && !VERSIONS.includes(String(policy.Version)))
    throw malformedPolicy(SYNTAX);
  const statements = statementsOf(policy);
  for (const statement of statements) checkIdentityStatement(statement);
  checkSids(statements);
}

function checkIdentityStatement(statement: Statement): void {
  checkStatement(statement);
  if (statement.Principal !== undefined || statement.NotPrincipal !== undefined)
    throw malformedPolicy('Policy document should not specify a principal.');
  if (statement.Action === undefined && statement.NotAction === undefined)
    throw malformedPolicy('Policy statement must contain actions.');
  if (statement.Resource === undefined && statement.NotResource === undefined)
    throw malformedPolicy('Policy statement must contain resources.');
  for (const action of texts(statement.Action ?? statement.NotAction)) checkAction(action);
  for (const resource of texts(statement.Resource ?? statement.NotResource)) checkResource(resource);
}

function checkAction(action: string): void {
  if (action === '*') return;
  const [vendor, name, ...more] = action.split(':');
  if (name === undefined)
    throw malformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  if (more.length > 0) throw malformedPolicy('Actions/Condition can contain only one colon.');
  if (!/^[a-zA-Z0-9*?-]+$/.test(vendor ?? '')) throw malformedPolicy(`Vendor ${vendor} is not valid`);
}

function checkResource(resource: string): void {
  if (resource === '*') return;
  const [arn, , service, region] = resource.split(':');
  if (resource.split(':').length < 6 && !resource.includes('*') && !resource.includes('$'))
    throw arn === 'arn'
      ? malformedPolicy(`Resource ${resource} must be in ARN format or "*".`)
      : notAnArn(resource);
  if (arn !== 'arn' && arn !== '*') throw notAnArn(resource);
  if (service === 'iam' && region)
    throw malformedPolicy(`IAM resource ${resource} cannot contain region information.`);
  if (service === 's3' && region && /^[a-z0-9-]+$/.test(region))
    throw malformedPolicy(`Resource ${resource} can not contain region information.`);
}

const notAnArn = (resource: string) => malformedPolicy(`Resource ${resource} must be in ARN format or "*".`);

const ASSUME_ACTIONS = [
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:tagsession',
  'sts:setsourceidentity',
  'sts:setcontext',
  'sts:*',
  'sts:assumerole*',
];

/** A role's trust policy. Throws MalformedPolicyDocument. */
export function checkTrustPolicy(document: string): void {
  const policy = parsed(document, 'This policy contains invalid Json');
  if (policy.Version !== undefined && !VERSIONS.includes(String(policy.Version)))
    throw malformedPolicy('The policy failed legacy parsing');
  const statements = statementsOf(policy);
  for (const statement of statements) checkTrustStatement(statement);
  checkSids(statements);
}

function checkTrustStatement(statement: Statement): void {
  checkStatement(statement);
  for (const name of ['Resource', 'NotResource'])
    if (statement[name] !== undefined) throw malformedPolicy(`Has prohibited field ${name}`);
  if (statement.Principal === undefined && statement.NotPrincipal === undefined)
    throw malformedPolicy('Missing required field Principal');
  const actions = texts(statement.Action);
  if (actions.length === 0) throw malformedPolicy('Missing required field Action');
  if (!actions.every((action) => ASSUME_ACTIONS.includes(action.toLowerCase())))
    throw malformedPolicy('AssumeRole policy may only specify STS AssumeRole actions.');
  checkPrincipal(statement.Principal ?? statement.NotPrincipal);
}

const PRINCIPAL_TYPES = ['AWS', 'Service', 'Federated', 'CanonicalUser'];

function checkPrincipal(principal: unknown): void {
  if (principal === '*') return;
  if (!isObject(principal)) throw malformedPolicy('Invalid principal in policy.');
  for (const [type, value] of Object.entries(principal)) {
    if (!PRINCIPAL_TYPES.includes(type)) throw malformedPolicy(`Unsupported principal type ${type}`);
    for (const one of texts(value))
      if (
        type === 'AWS' &&
        !/^(\*|\d{12}|arn:[\w-]+:(iam|sts)::\d{12}:\S+|A[A-Z]{3}[A-Z0-9]{12,})$/.test(one)
      )
        throw malformedPolicy(`Invalid principal in policy: "AWS":"${one}"`);
  }
}

function parsed(document: string, invalid: string): Readonly<Record<string, unknown>> {
  let policy: unknown;
  try {
    policy = JSON.parse(document);
  } catch {
    throw malformedPolicy(invalid);
  }
  if (!isObject(policy)) throw malformedPolicy(SYNTAX);
  for (const name of Object.keys(policy)) if (!POLICY_MEMBERS.includes(name)) throw malformedPolicy(SYNTAX);
  return policy;
}

function statementsOf(policy: Readonly<Record<string, unknown>>): Statement[] {
  const { Statement } = policy;
  const statements: unknown[] = Array.isArray(Statement) ? Statement : [Statement];
  if (Statement === undefined || statements.length === 0 || !statements.every(isObject))
    throw malformedPolicy(SYNTAX);
  return statements;
}

function checkStatement(statement: Statement): void {
  for (const name of Object.keys(statement))
    if (!STATEMENT_MEMBERS.includes(name)) throw malformedPolicy(SYNTAX);
  if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') throw malformedPolicy(SYNTAX);
  for (const [one, other] of [
    ['Action', 'NotAction'],
    ['Resource', 'NotResource'],
    ['Principal', 'NotPrincipal'],
  ] as const)
    if (statement[one] !== undefined && statement[other] !== undefined) throw malformedPolicy(SYNTAX);
  if (statement.Condition !== undefined && !isObject(statement.Condition)) throw malformedPolicy(SYNTAX);
}

function checkSids(statements: readonly Statement[]): void {
  const sids = statements.map((statement) => statement.Sid).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size < sids.length)
    throw malformedPolicy('Statement IDs (SID) in a single policy must be unique.');
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** One text or several. Throws when it is neither. */
function texts(value: unknown): string[] {
  const list: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (!list.every((one) => typeof one === 'string')) throw malformedPolicy(SYNTAX);
  return list;
}
