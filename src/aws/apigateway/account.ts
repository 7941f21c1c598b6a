/** The account's settings in one region: https://docs.aws.amazon.com/apigateway/latest/api/API_Account.html */
import type { Account, GetAccountRequest, UpdateAccountRequest } from '@aws-sdk/client-api-gateway';
import { accountThrottleOf } from '../../base/account-throttle.ts';
import { parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { applyPatches, bareRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { badRequest } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { withoutEmpty } from './shapes.ts';

export interface AccountRow {
  readonly cloudwatchRoleArn?: string | undefined;
}

/** One row a scope, keyed `account`. */
const accounts = table<AccountRow>('apigateway.accounts');

const showAccount = (row: AccountRow | undefined, { region }: Scope): Account =>
  withoutEmpty({
    cloudwatchRoleArn: row?.cloudwatchRoleArn,
    throttleSettings: {
      burstLimit: accountThrottleOf(region).burst,
      rateLimit: accountThrottleOf(region).perSecond,
    },
    features: ['UsagePlans'],
    apiKeyVersion: '4',
  });

export const accountOperations = (ports: ApiGatewayPorts) => ({
  GetAccount: async (_input: GetAccountRequest, call: Call): Promise<Account> =>
    showAccount(await ports.store.get(accounts, call.scope, 'account'), call.scope),

  UpdateAccount: async (input: UpdateAccountRequest, call: Call): Promise<Account> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf((await rows.get(accounts, call.scope, 'account')) ?? {});
      applyPatches(draft, input.patchOperations, accountPatches);
      await rows.put(accounts, call.scope, 'account', draft);
      return showAccount(draft, call.scope);
    }),
});

function setRole(row: Draft<AccountRow>, value: string | undefined): void {
  if (value && parseArn(value)?.service !== 'iam')
    throw badRequest('The role ARN does not have required permissions set to API Gateway');
  row.cloudwatchRoleArn = patchText(value);
}

const accountPatches: PatchRules<Draft<AccountRow>> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/cloudwatchRoleArn',
      add: setRole,
      replace: setRole,
      remove: (row) => {
        row.cloudwatchRoleArn = undefined;
      },
    },
    // Usage plans are on for every account; asking for them again is taken as AWS takes it.
    { path: '/features', add: () => {} },
  ],
};
