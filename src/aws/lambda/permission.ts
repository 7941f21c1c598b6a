/** Permissions: the resource policies of functions, versions and aliases. */
import type {
  AddPermissionRequest,
  AddPermissionResponse,
  GetPolicyRequest,
  GetPolicyResponse,
  RemovePermissionRequest,
} from '@aws-sdk/client-lambda';
import { arnOf, parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { conflict, invalidParameter, lambdaFault, notFound, validation } from './fault.ts';
import { needQualified } from './version-lookup.ts';
import { changeFunction } from './function-change.ts';
import { arnOfReference, type FunctionReference, readReference } from './function-reference.ts';
import { uuid } from './identifiers.ts';
import { policyText, type Statement } from './permission-statement.ts';
import type { LambdaRoom } from './ports.ts';
import { functions, type PolicyRow, policies } from './rows.ts';

export const permissionOperations = (room: LambdaRoom) => ({
  AddPermission: async (input: AddPermissionRequest, call: Call): Promise<AddPermissionResponse> => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    if (reference.qualifier === '$LATEST')
      // Recorded from AWS.
      throw invalidParameter('We currently do not support adding policies for $LATEST.');
    const statement = makeStatement(input, reference);
    await changeFunction(room, reference, async (_, rows) => {
      await needQualified(rows, reference);
      await addStatement(room, rows, { reference, statement, revisionId: input.RevisionId });
    });
    return { Statement: JSON.stringify(statement) };
  },

  RemovePermission: async (input: RemovePermissionRequest, call: Call) => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    // Recorded from AWS: this not-found differs from AddPermission's.
    if (!(await room.store.get(functions, reference.scope, reference.name)))
      throw notFound(`No policy found for: ${arnOfReference(reference)}`);
    await changeFunction(room, reference, async (_, rows) => {
      await needQualified(rows, reference);
      const row = await rows.get(policies, reference.scope, policyKey(reference));
      if (row === undefined) throw notFound('No policy is associated with the given resource.');
      const statements = row.statements.filter((statement) => statement.Sid !== input.StatementId);
      if (statements.length === row.statements.length)
        throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
      checkPolicyRevision(row, input.RevisionId);
      await putPolicy(room, rows, reference, statements);
    });
    return {};
  },

  GetPolicy: async (input: GetPolicyRequest, call: Call): Promise<GetPolicyResponse> => {
    const reference = readReference(input.FunctionName ?? '', input.Qualifier, call.scope);
    return room.store.read(async (rows) => {
      await needQualified(rows, reference);
      const row = await rows.get(policies, reference.scope, policyKey(reference));
      if (row === undefined) throw notFound('The resource you requested does not exist.');
      return { Policy: policyText(row.statements), RevisionId: row.revisionId };
    });
  },
});

/** Under `{name}/` lies the function's own policy, `$LATEST` being the function. */
const policyKey = ({ name, qualifier }: FunctionReference): string =>
  `${name}/${qualifier === '$LATEST' ? '' : (qualifier ?? '')}`;

interface Addition {
  readonly reference: FunctionReference;
  readonly statement: Statement;
  readonly revisionId: string | undefined;
}

async function addStatement(room: LambdaRoom, rows: Transaction, addition: Addition): Promise<void> {
  const { reference, statement, revisionId } = addition;
  const row = await rows.get(policies, reference.scope, policyKey(reference));
  if (revisionId !== undefined) checkPolicyRevision(row, revisionId);
  const before = row?.statements ?? [];
  if (before.some(({ Sid }) => Sid === statement.Sid))
    throw conflict(
      `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    );
  await putPolicy(room, rows, reference, [...before, statement]);
}

async function putPolicy(
  room: LambdaRoom,
  rows: Transaction,
  reference: FunctionReference,
  statements: readonly Statement[],
): Promise<void> {
  const size = Buffer.byteLength(policyText(statements));
  if (size > limits.lambdaResourcePolicyBytes)
    throw lambdaFault(
      'PolicyLengthExceededException',
      `The final policy size (${size}) is bigger than the limit (${limits.lambdaResourcePolicyBytes}).`,
    );
  if (statements.length === 0) await rows.delete(policies, reference.scope, policyKey(reference));
  else
    await rows.put(policies, reference.scope, policyKey(reference), {
      statements,
      revisionId: uuid(room.random),
    });
}

function checkPolicyRevision(row: PolicyRow | undefined, revisionId: string | undefined): void {
  if (revisionId === undefined || revisionId === row?.revisionId) return;
  throw lambdaFault(
    'PreconditionFailedException',
    'The RevisionId provided does not match the latest RevisionId. Call the GetPolicy API to retrieve the latest Policy.',
  );
}

const ACTION = /^(lambda:[*]|lambda:[a-zA-Z]+|[*])$/;

function makeStatement(input: AddPermissionRequest, reference: FunctionReference): Statement {
  const action = input.Action ?? '';
  if (!ACTION.test(action))
    throw validation(
      `Value '${action}' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])`,
    );
  const condition = makeCondition(input);
  return {
    Sid: input.StatementId ?? '',
    Effect: 'Allow',
    Principal: makePrincipal(input.Principal ?? ''),
    Action: action,
    Resource: arnOfReference(reference),
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

/** A service by its name, everybody, or an account, user or role by ARN. */
export function makePrincipal(principal: string): Statement['Principal'] {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: arnOf({ account: principal, region: '' }, 'iam', 'root') };
  if (parseArn(principal)?.service === 'iam' || parseArn(principal)?.service === 'sts')
    return { AWS: principal };
  if (
    /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com|amazonaws\.com\.cn|amazon\.com|alexa\.com)$/.test(principal)
  )
    return { Service: principal };
  // Recorded from AWS.
  throw invalidParameter('The provided principal was invalid. Please check the principal and try again.');
}

/** Recorded from AWS: the keys as it writes them. */
function makeCondition(input: AddPermissionRequest): NonNullable<Statement['Condition']> {
  const equals = {
    ...(input.SourceAccount !== undefined && { 'AWS:SourceAccount': input.SourceAccount }),
    ...(input.PrincipalOrgID !== undefined && { 'aws:PrincipalOrgID': input.PrincipalOrgID }),
    ...(input.EventSourceToken !== undefined && { 'lambda:EventSourceToken': input.EventSourceToken }),
    ...(input.FunctionUrlAuthType !== undefined && {
      'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType,
    }),
  };
  const viaUrl = input.InvokedViaFunctionUrl;
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(viaUrl !== undefined && { Bool: { 'lambda:InvokedViaFunctionUrl': String(viaUrl) } }),
    ...(input.SourceArn !== undefined && { ArnLike: { 'AWS:SourceArn': input.SourceArn } }),
  };
}
