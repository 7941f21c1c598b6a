/** `cidr`: an IPv4 or IPv6 address within a block. */
import { BlockList, isIP } from 'node:net';
import { PatternError } from './pattern-error.ts';

export function compileAddressRange(operand: unknown): (value: unknown) => boolean {
  if (typeof operand !== 'string') throw new PatternError('prefix match pattern must be a string');
  const [address = '', bits, ...more] = operand.split('/');
  const family = isIP(address);
  if (bits === undefined || more.length > 0) throw new PatternError("Malformed CIDR, one '/' required");
  if (family === 0) throw new PatternError(`Malformed CIDR, IP address must be valid: ${address}`);
  const most = family === 4 ? 32 : 128;
  if (!/^\d+$/.test(bits)) throw new PatternError('Malformed CIDR, mask bits must be an integer');
  if (Number(bits) > most)
    throw new PatternError(`${family === 4 ? 'IPv4' : 'IPv6'} mask bits must be < ${most + 1}`);
  const block = new BlockList();
  block.addSubnet(address, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return (value) => {
    if (typeof value !== 'string') return false;
    const found = isIP(value);
    return found === family && block.check(value, family === 4 ? 'ipv4' : 'ipv6');
  };
}
