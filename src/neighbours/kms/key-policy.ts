/** Key policies and grants. Grants are recorded: in open mode nobody is asked for one. */
import { randomBytes, randomUUID } from 'node:crypto';
import type {
  CreateGrantRequest,
  CreateGrantResponse,
  GetKeyPolicyRequest,
  GetKeyPolicyResponse,
  GrantListEntry,
  ListGrantsRequest,
  ListGrantsResponse,
  ListKeyPoliciesRequest,
  ListKeyPoliciesResponse,
  ListRetirableGrantsRequest,
  PutKeyPolicyRequest,
  RetireGrantRequest,
  RevokeGrantRequest,
} from '@aws-sdk/client-kms';
import { partitionOf } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { compilePolicy } from '../../lang/policy/compile.ts';
import type { Call } from '../../wire/service.ts';
import { notFound } from './fault.ts';
import { grants, type GrantRow, keyArn } from './key-row.ts';
import type { KmsRoom } from './room.ts';

export const defaultPolicy = (scope: Scope): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: `arn:${partitionOf(scope.region)}:iam::${scope.account}:root` },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });

export function checkPolicy(text: string): string {
  if (Buffer.byteLength(text) > limits.kmsPolicyBytes)
    throw new Fault('LimitExceededException', 'The key policy is too long.');
  try {
    compilePolicy(text, { kind: 'resource' });
    return text;
  } catch (error) {
    throw new Fault(
      'MalformedPolicyDocumentException',
      error instanceof Error ? error.message : String(error),
    );
  }
}

export const policyOperations = (room: KmsRoom) => ({
  async GetKeyPolicy(input: GetKeyPolicyRequest, call: Call): Promise<GetKeyPolicyResponse> {
    checkName(input.PolicyName);
    const { row } = await room.find(input.KeyId, { ...call, action: 'GetKeyPolicy' });
    return { Policy: row.policy, PolicyName: 'default' };
  },

  async PutKeyPolicy(input: PutKeyPolicyRequest, call: Call): Promise<object> {
    checkName(input.PolicyName);
    const policy = checkPolicy(input.Policy ?? '');
    await room.change(input.KeyId, { ...call, action: 'PutKeyPolicy' }, ({ row }) => ({ ...row, policy }));
    return {};
  },

  async ListKeyPolicies(input: ListKeyPoliciesRequest, call: Call): Promise<ListKeyPoliciesResponse> {
    await room.find(input.KeyId, { ...call, action: 'ListKeyPolicies' });
    return { PolicyNames: ['default'], Truncated: false };
  },

  async CreateGrant(input: CreateGrantRequest, call: Call): Promise<CreateGrantResponse> {
    const { scope, row } = await room.find(input.KeyId, { ...call, action: 'CreateGrant' });
    const grant: GrantRow = {
      grantId: randomBytes(32).toString('hex'),
      token: Buffer.from(randomUUID() + randomUUID()).toString('base64'),
      ...(input.Name === undefined ? {} : { name: input.Name }),
      grantee: input.GranteePrincipal ?? '',
      ...(input.RetiringPrincipal === undefined ? {} : { retiring: input.RetiringPrincipal }),
      operations: input.Operations ?? [],
      ...(input.Constraints === undefined ? {} : { constraints: input.Constraints }),
      createdMs: room.now(),
      issuer: call.caller.arn,
    };
    await room.store.transaction((rows) => rows.put(grants, scope, `${row.keyId}/${grant.grantId}`, grant));
    return { GrantId: grant.grantId, GrantToken: grant.token };
  },

  async ListGrants(input: ListGrantsRequest, call: Call): Promise<ListGrantsResponse> {
    const { scope, row } = await room.find(input.KeyId, { ...call, action: 'ListGrants' });
    const all = await room.store.list(grants, scope, { prefix: `${row.keyId}/` });
    const wanted = all.filter(
      ({ row: grant }) =>
        (input.GrantId ?? grant.grantId) === grant.grantId &&
        (input.GranteePrincipal ?? grant.grantee) === grant.grantee,
    );
    return {
      Grants: wanted.map(({ row: grant }) => show(keyArn(scope, row.keyId), grant)),
      Truncated: false,
    };
  },

  async ListRetirableGrants(input: ListRetirableGrantsRequest, { scope }: Call): Promise<ListGrantsResponse> {
    const all = await room.store.list(grants, scope);
    const wanted = all.filter(({ row }) => row.retiring === input.RetiringPrincipal);
    return {
      Grants: wanted.map(({ key, row }) => show(keyArn(scope, key.split('/')[0] ?? ''), row)),
      Truncated: false,
    };
  },

  async RevokeGrant(input: RevokeGrantRequest, call: Call): Promise<object> {
    const { scope, row } = await room.find(input.KeyId, { ...call, action: 'RevokeGrant' });
    await end(room, scope, ({ keyId, grant }) => keyId === row.keyId && grant.grantId === input.GrantId);
    return {};
  },

  async RetireGrant(input: RetireGrantRequest, { scope }: Call): Promise<object> {
    await end(room, scope, ({ grant }) =>
      input.GrantToken === undefined ? grant.grantId === input.GrantId : grant.token === input.GrantToken,
    );
    return {};
  },
});

interface Placed {
  readonly keyId: string;
  readonly grant: GrantRow;
}

async function end(room: KmsRoom, scope: Scope, isMeant: (placed: Placed) => boolean): Promise<void> {
  await room.store.transaction(async (rows) => {
    const all = await rows.list(grants, scope);
    const found = all.find(({ key, row }) => isMeant({ keyId: key.split('/')[0] ?? '', grant: row }));
    if (found === undefined) throw notFound('Grant does not exist');
    await rows.delete(grants, scope, found.key);
  });
}

function checkName(name: string | undefined): void {
  if (name !== undefined && name !== 'default') throw notFound('No such policy exists');
}

const show = (KeyId: string, grant: GrantRow): GrantListEntry => ({
  KeyId,
  GrantId: grant.grantId,
  ...(grant.name === undefined ? {} : { Name: grant.name }),
  CreationDate: new Date(grant.createdMs),
  GranteePrincipal: grant.grantee,
  ...(grant.retiring === undefined ? {} : { RetiringPrincipal: grant.retiring }),
  IssuingAccount: grant.issuer,
  Operations: [...grant.operations],
  ...(grant.constraints === undefined ? {} : { Constraints: grant.constraints }),
});
