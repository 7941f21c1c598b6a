/** IP sets: blocks of addresses that rules refer to. */
import type {
  CreateIPSetRequest,
  DeleteIPSetRequest,
  GetIPSetRequest,
  ListIPSetsRequest,
  UpdateIPSetRequest,
} from '@aws-sdk/client-wafv2';
import { limits } from '../../base/limits.ts';
import { compileBlock } from '../../lang/policy/address.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, overLimit } from './fault.ts';
import { change, insert, need, newRow, pageOf, remove, summary } from './named.ts';
import type { WafPorts } from './ports.ts';
import { refuseReferred } from './references.ts';
import { type IpSetRow, ipSets } from './rows.ts';

export const ipSetOperations = ({ store }: WafPorts) => ({
  CreateIPSet: async (input: CreateIPSetRequest, { scope }: Call) => {
    const version = input.IPAddressVersion ?? 'IPV4';
    const row: IpSetRow = {
      ...newRow('ipset', scope, input),
      version,
      addresses: checkedAddresses(version, input.Addresses ?? []),
    };
    await store.transaction((rows) => insert(rows, ipSets, scope, row));
    return { Summary: summary(row) };
  },

  GetIPSet: async (input: GetIPSetRequest, { scope }: Call) => {
    const row = await need(store, ipSets, scope, input);
    return {
      IPSet: {
        Name: row.name,
        Id: row.id,
        ARN: row.arn,
        Description: row.description,
        IPAddressVersion: row.version,
        Addresses: [...row.addresses],
      },
      LockToken: row.lockToken,
    };
  },

  UpdateIPSet: async (input: UpdateIPSetRequest, { scope }: Call) => ({
    NextLockToken: await store.transaction((rows) =>
      change(rows, ipSets, scope, input, ({ description: _, ...row }) => ({
        ...row,
        ...(input.Description !== undefined && { description: input.Description }),
        addresses: checkedAddresses(row.version, input.Addresses ?? []),
      })),
    ),
  }),

  DeleteIPSet: async (input: DeleteIPSetRequest, { scope }: Call) => {
    await store.transaction(async (rows) => {
      const { arn } = await remove(rows, ipSets, scope, input);
      await refuseReferred(rows, scope, arn);
    });
    return {};
  },

  ListIPSets: async (input: ListIPSetsRequest, { scope }: Call) => {
    const { items, ...more } = await pageOf(store, ipSets, scope, input);
    return { ...more, IPSets: items.map(summary) };
  },
});

/** Every block with its prefix, of the set's version, which is any but zero. */
function checkedAddresses(version: string, addresses: readonly string[]): readonly string[] {
  if (addresses.length > limits.wafAddresses) throw overLimit('addresses of an IP set');
  for (const block of addresses) {
    const isV6 = block.includes(':');
    const prefix = Number(block.split('/')[1] ?? 0);
    if (compileBlock(block) === undefined || isV6 !== (version === 'IPV6') || prefix === 0)
      throw invalidParameter('IP_ADDRESS', block, 'The parameter contains formatting that is not valid.');
  }
  return [...new Set(addresses)];
}
