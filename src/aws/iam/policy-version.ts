/** Versions of a managed policy: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html */
import { wholeSecond } from '../../base/clock.ts';
import type {
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  DeletePolicyVersionRequest,
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  ListPolicyVersionsRequest,
  ListPolicyVersionsResponse,
  PolicyVersion,
  SetDefaultPolicyVersionRequest,
} from '@aws-sdk/client-iam';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { deleteConflict, noSuchEntity } from './faults.ts';
import { checkManagedDocument } from './managed-policy.ts';
import {
  findManagedPolicy,
  type ManagedPolicyRow,
  managedPolicies,
  type PolicyVersionRow,
  readManagedPolicy,
} from './managed-policy-row.ts';
import { pageOf } from './page.ts';
import { encodedDocument } from './policy-document.ts';
import { globalScope } from './scope.ts';

export const policyVersionOperations = (ports: ServicePorts) => ({
  CreatePolicyVersion: async (
    input: CreatePolicyVersionRequest,
    call: Call,
  ): Promise<CreatePolicyVersionResponse> => {
    const { PolicyArn = '', PolicyDocument: document = '', SetAsDefault = false } = input;
    checkManagedDocument(document);
    const row = await change(ports, call, PolicyArn, (before) => {
      if (before.versions.length >= limits.iamPolicyVersions) throw tooManyVersions();
      const version = { id: `v${before.nextVersion}`, document, createdAtMs: ports.now() };
      return {
        ...before,
        versions: [...before.versions, version],
        nextVersion: before.nextVersion + 1,
        defaultVersion: SetAsDefault ? version.id : before.defaultVersion,
      };
    });
    const version = row.versions.at(-1);
    return version ? { PolicyVersion: listed(version, row) } : {};
  },

  GetPolicyVersion: async (
    { PolicyArn = '', VersionId = '' }: GetPolicyVersionRequest,
    call: Call,
  ): Promise<GetPolicyVersionResponse> => {
    const { row, version } = await read(ports.store, globalScope(call.scope.account), PolicyArn, VersionId);
    return { PolicyVersion: { ...listed(version, row), Document: encodedDocument(version.document) } };
  },

  ListPolicyVersions: async (
    input: ListPolicyVersionsRequest,
    call: Call,
  ): Promise<ListPolicyVersionsResponse> => {
    const scope = globalScope(call.scope.account);
    const row = await readManagedPolicy(ports.store, scope, input.PolicyArn ?? '');
    // Newest first; five at most, so the place is a digit.
    const page = pageOf(row.versions.toReversed(), input, (one) =>
      String(row.versions.length - row.versions.indexOf(one)),
    );
    return { Versions: page.items.map((version) => listed(version, row)), ...page.rest };
  },

  SetDefaultPolicyVersion: async (
    { PolicyArn = '', VersionId = '' }: SetDefaultPolicyVersionRequest,
    call: Call,
  ) => {
    await read(ports.store, globalScope(call.scope.account), PolicyArn, VersionId);
    await change(ports, call, PolicyArn, (row) => ({ ...row, defaultVersion: VersionId }));
    return {};
  },

  DeletePolicyVersion: async ({ PolicyArn = '', VersionId = '' }: DeletePolicyVersionRequest, call: Call) => {
    await read(ports.store, globalScope(call.scope.account), PolicyArn, VersionId);
    await change(ports, call, PolicyArn, (row) => {
      if (row.defaultVersion === VersionId)
        throw deleteConflict('Cannot delete the default version of a policy.');
      return { ...row, versions: row.versions.filter((version) => version.id !== VersionId) };
    });
    return {};
  },
});

const listed = (version: PolicyVersionRow, row: ManagedPolicyRow): PolicyVersion => ({
  VersionId: version.id,
  IsDefaultVersion: version.id === row.defaultVersion,
  CreateDate: wholeSecond(version.createdAtMs),
});

const tooManyVersions = () =>
  new Fault(
    'LimitExceededException',
    'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
  );

async function read(rows: Pick<Reader, 'get'>, scope: Scope, arn: string, versionId: string) {
  const row = await findManagedPolicy(rows, scope, arn);
  const version = row?.versions.find((one) => one.id === versionId);
  if (!row || !version)
    throw noSuchEntity(`Policy ${arn} version ${versionId} does not exist or is not attachable.`);
  return { row, version };
}

const change = (
  { store, now }: ServicePorts,
  call: Call,
  arn: string,
  work: (row: ManagedPolicyRow) => ManagedPolicyRow,
): Promise<ManagedPolicyRow> =>
  store.transaction(async (rows) => {
    const scope = globalScope(call.scope.account);
    const row = { ...work(await readManagedPolicy(rows, scope, arn)), updatedAtMs: now() };
    await rows.put(managedPolicies, scope, arn, row);
    return row;
  });
