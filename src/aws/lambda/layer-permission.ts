/** Who else may use a layer version. */
import type {
  AddLayerVersionPermissionRequest,
  AddLayerVersionPermissionResponse,
  GetLayerVersionPolicyRequest,
  GetLayerVersionPolicyResponse,
  RemoveLayerVersionPermissionRequest,
} from '@aws-sdk/client-lambda';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { conflict, lambdaFault, notFound, validation } from './fault.ts';
import { uuid } from './identifiers.ts';
import { readLayerName } from './layer.ts';
import { layerArn } from './layer-reference.ts';
import { makePrincipal } from './permission.ts';
import { policyText, type Statement } from './permission-statement.ts';
import type { LambdaRoom } from './ports.ts';
import { layerPolicies, layerVersions, type PolicyRow, versionKey } from './rows.ts';

export const layerPermissionOperations = (room: LambdaRoom) => ({
  AddLayerVersionPermission: async (
    input: AddLayerVersionPermissionRequest,
    call: Call,
  ): Promise<AddLayerVersionPermissionResponse> => {
    const layer = readLayer(input, call.scope);
    const statement = makeStatement(input, layer.arn);
    const revisionId = uuid(room.random);
    await room.store.transaction(async (rows) => {
      await needLayerVersion(rows, call.scope, layer);
      const row = await rows.get(layerPolicies, call.scope, layer.key);
      checkRevision(row, input.RevisionId);
      const before = row?.statements ?? [];
      if (before.some(({ Sid }) => Sid === statement.Sid))
        throw conflict(
          `The statement id (${statement.Sid}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
        );
      await rows.put(layerPolicies, call.scope, layer.key, {
        statements: [...before, statement],
        revisionId,
      });
    });
    return { Statement: JSON.stringify(statement), RevisionId: revisionId };
  },

  RemoveLayerVersionPermission: async (input: RemoveLayerVersionPermissionRequest, call: Call) => {
    const layer = readLayer(input, call.scope);
    await room.store.transaction(async (rows) => {
      await needLayerVersion(rows, call.scope, layer);
      const row = await needPolicy(rows, call.scope, layer.key);
      const statements = row.statements.filter(({ Sid }) => Sid !== input.StatementId);
      if (statements.length === row.statements.length)
        throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
      checkRevision(row, input.RevisionId);
      if (statements.length === 0) await rows.delete(layerPolicies, call.scope, layer.key);
      else
        await rows.put(layerPolicies, call.scope, layer.key, { statements, revisionId: uuid(room.random) });
    });
    return {};
  },

  GetLayerVersionPolicy: async (
    input: GetLayerVersionPolicyRequest,
    call: Call,
  ): Promise<GetLayerVersionPolicyResponse> => {
    const layer = readLayer(input, call.scope);
    return room.store.read(async (rows) => {
      await needLayerVersion(rows, call.scope, layer);
      const row = await needPolicy(rows, call.scope, layer.key);
      return { Policy: policyText(row.statements), RevisionId: row.revisionId };
    });
  },
});

interface Layer {
  readonly arn: string;
  readonly key: string;
}

function readLayer(input: GetLayerVersionPolicyRequest, scope: Scope): Layer {
  const name = readLayerName(input.LayerName, scope);
  const version = input.VersionNumber ?? 0;
  return { arn: layerArn(scope, name, version), key: versionKey(name, version) };
}

async function needLayerVersion(rows: Reader, scope: Scope, layer: Layer): Promise<void> {
  if (await rows.get(layerVersions, scope, layer.key)) return;
  throw notFound(`Layer version ${layer.arn} does not exist.`);
}

async function needPolicy(rows: Reader, scope: Scope, key: string): Promise<PolicyRow> {
  const row = await rows.get(layerPolicies, scope, key);
  if (row === undefined) throw notFound('No policy is associated with the given resource.');
  return row;
}

function checkRevision(row: PolicyRow | undefined, revisionId: string | undefined): void {
  if (revisionId === undefined || revisionId === row?.revisionId) return;
  throw lambdaFault(
    'PreconditionFailedException',
    'The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id',
  );
}

function makeStatement(input: AddLayerVersionPermissionRequest, arn: string): Statement {
  const action = input.Action ?? '';
  if (action !== 'lambda:GetLayerVersion')
    throw validation(
      `Value '${action}' at 'action' failed to satisfy constraint: Member must satisfy regular expression pattern: lambda:GetLayerVersion`,
    );
  return {
    Sid: input.StatementId ?? '',
    Effect: 'Allow',
    Principal: makePrincipal(input.Principal ?? ''),
    Action: action,
    Resource: arn,
    ...(input.OrganizationId !== undefined && {
      Condition: { StringEquals: { 'aws:PrincipalOrgID': input.OrganizationId } },
    }),
  };
}
