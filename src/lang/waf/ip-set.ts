/** Addresses against a set of blocks: one look-up for each length of prefix, however large the set. */
import type { IPSetReferenceStatement } from '@aws-sdk/client-wafv2';
import { type Address, parseAddress } from '../policy/address.ts';
import { clientAddress, forwardedAddresses } from './forwarded-address.ts';
import type { Matches } from './statement.ts';
import type { References } from './web-acl.ts';

export function compileIpSet(statement: IPSetReferenceStatement, references: References): Matches {
  const holds = compileBlocks(references.addresses(statement.ARN ?? ''));
  const forwarded = statement.IPSetForwardedIPConfig;
  if (forwarded === undefined)
    return (request) => {
      const address = clientAddress(request);
      return address !== undefined && holds(address);
    };
  const { HeaderName = '', Position, FallbackBehavior } = forwarded;
  return (request) => {
    // Without the header the rule does not apply; with one that holds no address it falls back.
    if (request.header(HeaderName.toLowerCase()).length === 0) return false;
    const addresses = forwardedAddresses(request, HeaderName, Position);
    return addresses.length === 0 ? FallbackBehavior === 'MATCH' : addresses.some(holds);
  };
}

function compileBlocks(blocks: readonly string[]): (address: Address) => boolean {
  const networks = new Map<string, Set<bigint>>();
  const shifts: { readonly bits: number; readonly shift: bigint; readonly key: string }[] = [];
  for (const block of blocks) {
    const [text = '', prefix] = block.split('/');
    const base = parseAddress(text);
    if (base === undefined) throw new Error(`${block} is no address block`);
    const length = prefix === undefined ? base.bits : Number(prefix);
    const shift = BigInt(base.bits - length);
    const key = `${base.bits}/${length}`;
    const known = networks.get(key);
    if (known === undefined) shifts.push({ bits: base.bits, shift, key });
    networks.set(key, (known ?? new Set<bigint>()).add(base.value >> shift));
  }
  return (address) =>
    shifts.some(
      ({ bits, shift, key }) =>
        bits === address.bits && networks.get(key)?.has(address.value >> shift) === true,
    );
}
