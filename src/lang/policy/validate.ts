/** What IAM refuses when a policy is stored, in its words and its order. */
import { compilePolicy } from './compile.ts';
import { parseDate } from './conditions.ts';
import {
  parsePolicy,
  PolicyError,
  type PolicyDocument,
  type PolicyKind,
  type Statement,
} from './document.ts';

/**
 * Checks a policy as IAM does before it stores one. Documents of version 2008-10-17, or of none, which means the same,
 * pass: SAM's policy templates make such inline policies, and AWS stores them. Throws PolicyError, whose message IAM gives with the code
 * MalformedPolicyDocument.
 */
export function validatePolicy(text: string, kind: PolicyKind = 'identity'): void {
  const policy = parsePolicy(text);
  if (kind !== 'identity') {
    compilePolicy(text, { kind });
    return;
  }
  for (const statement of policy.statements) checkLegacy(statement);
  checkSids(policy);
  compilePolicy(text, { kind });
  for (const statement of policy.statements) checkResources(statement);
  for (const statement of policy.statements) checkActions(statement);
}

function checkSids({ statements }: PolicyDocument): void {
  const sids = statements.map(({ sid }) => sid).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size < sids.length)
    throw new PolicyError('Statement IDs (SID) in a single policy must be unique.');
}

/** Dates that are none, and ARNs with too few parts. */
function checkLegacy(statement: Statement): void {
  const badDate = statement.conditions.some(
    ({ operator, values }) =>
      /^(?:\w+:)?Date/i.test(operator) && values.some((value) => parseDate(value) === undefined),
  );
  const badArn = resourcesOf(statement).some(
    (resource) =>
      resourceProblem(resource) === undefined && resource.includes('::') && resource.split(':').length < 6,
  );
  if (badDate || badArn) throw new PolicyError('The policy failed legacy parsing');
}

const resourcesOf = (statement: Statement): readonly string[] => statement.resource?.values ?? [];

function checkResources(statement: Statement): void {
  for (const resource of resourcesOf(statement)) {
    const problem = resourceProblem(resource);
    if (problem !== undefined) throw new PolicyError(problem);
  }
}

const PARTITIONS = new Set([
  'aws',
  'aws-cn',
  'aws-us-gov',
  'aws-iso',
  'aws-iso-b',
  'aws-iso-e',
  'aws-iso-f',
  '*',
]);

const IAM_PATHS = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
];

function resourceProblem(resource: string): string | undefined {
  if (resource === '*' || resource.startsWith('${')) return undefined;
  const [, partition, service, region, account, ...path] = resource.split(':');
  if (partition === undefined) return `Resource ${resource} must be in ARN format or "*".`;
  if (!PARTITIONS.has(partition)) {
    const rest = [
      service || (region === undefined ? '*' : ''),
      region ?? '*',
      account ?? '*',
      path.join(':') || '*',
    ];
    return `Partition "${partition}" is not valid for resource "arn:${partition}:${rest.join(':')}".`;
  }
  if (service === undefined) return 'Resource vendor must be fully qualified and cannot contain regexes.';
  if (service === 's3' && region !== undefined && region !== '')
    return `Resource ${resource} can not contain region information.`;
  if (service === 'iam' && region !== undefined && region !== '')
    return `IAM resource ${resource} cannot contain region information.`;
  const name = path.join(':');
  if (
    service === 'iam' &&
    path.length > 0 &&
    !/^[*?]/.test(name) &&
    !IAM_PATHS.some((start) => name.startsWith(start))
  )
    return `IAM resource path must either be "*" or start with ${IAM_PATHS.join(', ')}.`;
  return undefined;
}

function checkActions(statement: Statement): void {
  for (const action of statement.action.values) {
    const [vendor = '', ...names] = action.split(':');
    if (names.length === 0 && vendor !== '*')
      throw new PolicyError('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
    if (names.length > 1) throw new PolicyError('Actions/Condition can contain only one colon.');
    if (vendor !== '*' && /[^a-zA-Z0-9\-.]/.test(vendor))
      throw new PolicyError(`Vendor ${vendor} is not valid`);
  }
}
