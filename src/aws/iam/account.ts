/** The account itself: alias, summary, password policy. */
import type {
  CreateAccountAliasRequest,
  DeleteAccountAliasRequest,
  GetAccountPasswordPolicyResponse,
  GetAccountSummaryResponse,
  ListAccountAliasesResponse,
  PasswordPolicy,
  UpdateAccountPasswordPolicyRequest,
} from '@aws-sdk/client-iam';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { alreadyExists, noSuchEntity } from './faults.ts';
import { instanceProfiles } from './instance-profile-row.ts';
import { managedPolicies } from './managed-policy-row.ts';
import { oidcProviders } from './oidc-provider.ts';
import { countOf } from './policy-use.ts';
import { samlProviders } from './saml-provider.ts';
import { globalScope } from './scope.ts';

interface AccountRow {
  readonly alias?: string;
  readonly passwordPolicy?: UpdateAccountPasswordPolicyRequest;
}

/** One row an account, by this key. */
const accounts = table<AccountRow>('iam.accounts');
const KEY = 'account';

export const accountOperations = (ports: ServicePorts) => ({
  CreateAccountAlias: async ({ AccountAlias = '' }: CreateAccountAliasRequest, call: Call) => {
    await ports.store.transaction(async (rows) => {
      const scope = globalScope(call.scope.account);
      const owner = (await rows.listAll(accounts)).find(({ row }) => row.alias === AccountAlias);
      if (owner && owner.scope.account !== scope.account)
        throw alreadyExists(`The account alias ${AccountAlias} already exists.`);
      await rows.put(accounts, scope, KEY, { ...(await read(rows, scope)), alias: AccountAlias });
    });
    return {};
  },

  DeleteAccountAlias: async ({ AccountAlias = '' }: DeleteAccountAliasRequest, call: Call) => {
    await change(ports, call, ({ alias, ...rest }) => {
      if (alias !== AccountAlias) throw noSuchEntity(`The account alias ${AccountAlias} cannot be found.`);
      return rest;
    });
    return {};
  },

  ListAccountAliases: async (_: object, call: Call): Promise<ListAccountAliasesResponse> => {
    const { alias } = await read(ports.store, globalScope(call.scope.account));
    return { AccountAliases: alias === undefined ? [] : [alias], IsTruncated: false };
  },

  GetAccountSummary: async (_: object, call: Call): Promise<GetAccountSummaryResponse> => ({
    SummaryMap: await summaryOf(ports.store, globalScope(call.scope.account)),
  }),

  UpdateAccountPasswordPolicy: async (input: UpdateAccountPasswordPolicyRequest, call: Call) => {
    await change(ports, call, (row) => ({ ...row, passwordPolicy: input }));
    return {};
  },

  GetAccountPasswordPolicy: async (_: object, call: Call): Promise<GetAccountPasswordPolicyResponse> => {
    const { passwordPolicy } = await read(ports.store, globalScope(call.scope.account));
    if (!passwordPolicy) throw missingPasswordPolicy(call);
    return { PasswordPolicy: shownPasswordPolicy(passwordPolicy) };
  },

  DeleteAccountPasswordPolicy: async (_: object, call: Call) => {
    await change(ports, call, ({ passwordPolicy, ...rest }) => {
      if (!passwordPolicy) throw missingPasswordPolicy(call);
      return rest;
    });
    return {};
  },
});

const missingPasswordPolicy = ({ scope }: Call) =>
  noSuchEntity(`The Password Policy with domain name ${scope.account} cannot be found.`);

/** Defaults: https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html */
const shownPasswordPolicy = (policy: UpdateAccountPasswordPolicyRequest): PasswordPolicy => ({
  MinimumPasswordLength: policy.MinimumPasswordLength ?? 6,
  RequireSymbols: policy.RequireSymbols ?? false,
  RequireNumbers: policy.RequireNumbers ?? false,
  RequireUppercaseCharacters: policy.RequireUppercaseCharacters ?? false,
  RequireLowercaseCharacters: policy.RequireLowercaseCharacters ?? false,
  AllowUsersToChangePassword: policy.AllowUsersToChangePassword ?? false,
  ExpirePasswords: (policy.MaxPasswordAge ?? 0) > 0,
  ...(policy.MaxPasswordAge !== undefined && { MaxPasswordAge: policy.MaxPasswordAge }),
  ...(policy.PasswordReusePrevention !== undefined && {
    PasswordReusePrevention: policy.PasswordReusePrevention,
  }),
  ...(policy.HardExpiry !== undefined && { HardExpiry: policy.HardExpiry }),
});

async function summaryOf(rows: Pick<Reader, 'list'>, scope: Scope): Promise<Record<string, number>> {
  const { roles, users, groups } = await countOf(rows, scope);
  const policies = (await rows.list(managedPolicies, scope)).map((entry) => entry.row);
  const oidc = (await rows.list(oidcProviders, scope)).length;
  const saml = (await rows.list(samlProviders, scope)).length;
  return {
    AccessKeysPerUserQuota: limits.iamAccessKeysPerUser,
    AccountAccessKeysPresent: 0,
    AccountMFAEnabled: 0,
    AccountPasswordPresent: 0,
    AccountSigningCertificatesPresent: 0,
    AssumeRolePolicySizeQuota: limits.iamTrustPolicyCharacters,
    AttachedPoliciesPerGroupQuota: limits.iamAttachedPolicies,
    AttachedPoliciesPerRoleQuota: limits.iamAttachedPolicies,
    AttachedPoliciesPerUserQuota: limits.iamAttachedPolicies,
    GlobalEndpointTokenVersion: 1,
    GroupPolicySizeQuota: limits.iamInlinePolicyCharacters.group,
    Groups: groups,
    GroupsPerUserQuota: limits.iamGroupsPerUser,
    GroupsQuota: limits.iamGroups,
    InstanceProfiles: (await rows.list(instanceProfiles, scope)).length,
    InstanceProfilesQuota: limits.iamInstanceProfiles,
    MFADevices: 0,
    MFADevicesInUse: 0,
    Policies: policies.length,
    PoliciesQuota: limits.iamManagedPolicies,
    PolicySizeQuota: limits.iamManagedPolicyCharacters,
    PolicyVersionsInUse: policies.reduce((sum, policy) => sum + policy.versions.length, 0),
    PolicyVersionsInUseQuota: 10_000,
    Providers: oidc + saml,
    RolePolicySizeQuota: limits.iamInlinePolicyCharacters.role,
    Roles: roles,
    RolesQuota: limits.iamRoles,
    ServerCertificates: 0,
    ServerCertificatesQuota: 20,
    SigningCertificatesPerUserQuota: 2,
    UserPolicySizeQuota: limits.iamInlinePolicyCharacters.user,
    Users: users,
    UsersQuota: limits.iamUsers,
    VersionsPerPolicyQuota: limits.iamPolicyVersions,
  };
}

async function read(rows: Pick<Reader, 'get'>, scope: Scope): Promise<AccountRow> {
  return (await rows.get(accounts, scope, KEY)) ?? {};
}

const change = ({ store }: ServicePorts, call: Call, work: (row: AccountRow) => AccountRow): Promise<void> =>
  store.transaction(async (rows) => {
    const scope = globalScope(call.scope.account);
    await rows.put(accounts, scope, KEY, work(await read(rows, scope)));
  });
