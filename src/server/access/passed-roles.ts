/**
 * Whoever hands a role to a service must be allowed to: `iam:PassRole`, for every role that a call names.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
 */
import { type AccessCall, fieldsOf, listOf, type Requirement, textOf } from './requirement.ts';
import { prefixOf } from './prefixes.ts';

const ROLE_ARN = /^arn:[\w-]+:iam::\d{12}:role\/./;
const ROLE_MEMBER = /role|credentials|SnsCallerArn|DeliverLogsPermissionArn/i;
const DEEPEST = 8;

/** Services that make or judge roles do not pass them on. */
const NEVER = new Set(['iam', 'sts', 'kms', 'resourcegroupstaggingapi']);
const READING =
  /^(Get|List|Describe|Batch(Get|Describe)|Search|Query|Scan|Head|Delete(?!Stack$)|Untag|Tag|Test|Validate)/;

export function passedRoles(call: AccessCall, own: readonly Requirement[]): Requirement[] {
  if (NEVER.has(call.service) || READING.test(call.operation)) return [];
  const roles = new Set([...rolesIn(call.input, DEEPEST), ...patchedRoles(call)]);
  const service = passedTo(call);
  return [...roles].map((role) => ({
    action: 'iam:PassRole',
    resources: [role],
    context: {
      'iam:PassedToService': service,
      ...(own[0]?.resources[0] === undefined ? {} : { 'iam:AssociatedResourceArn': own[0].resources[0] }),
    },
  }));
}

function rolesIn(value: unknown, depth: number): string[] {
  if (depth === 0) return [];
  if (Array.isArray(value)) return value.flatMap((one) => rolesIn(one, depth - 1));
  return Object.entries(fieldsOf(value) ?? {}).flatMap(([name, member]) => {
    const text = textOf(member);
    if (text !== undefined) return ROLE_MEMBER.test(name) && ROLE_ARN.test(text) ? [text] : [];
    return member instanceof Uint8Array ? [] : rolesIn(member, depth - 1);
  });
}

/** API Gateway's patches carry them as values. */
const patchedRoles = ({ input }: AccessCall): string[] =>
  listOf(input['patchOperations']).flatMap((patch) => {
    const value = textOf(fieldsOf(patch)?.['value']);
    return value !== undefined && ROLE_ARN.test(value) ? [value] : [];
  });

function passedTo({ service, operation }: AccessCall): string {
  if (service === 'ec2' && operation === 'CreateFlowLogs') return 'vpc-flow-logs.amazonaws.com';
  return `${prefixOf(service)}.amazonaws.com`;
}
