/** Fn::Cidr: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-cidr.html */
import { isIP } from 'node:net';
import { limits } from '../base/limits.ts';
import { invalid } from './invalid.ts';

/** `count` blocks out of `block`, each with `cidrBits` bits for hosts. */
export function cidrBlocks(block: string, count: number, cidrBits = 8): string[] {
  const [address = '', lengthText = ''] = block.split('/');
  const family = isIP(address);
  const width = family === 6 ? 128 : 32;
  const length = Number(lengthText);
  if (family === 0 || lengthText === '' || !Number.isInteger(length) || length < 0 || length > width)
    throw invalid(`Template error: Fn::Cidr: ${block} is not a valid CIDR block`);
  const { min, max } = limits.cidrBlocks;
  if (!Number.isInteger(count) || count < min || count > max)
    throw invalid(`Template error: Fn::Cidr count must be between ${min} and ${max}`);
  const childLength = width - cidrBits;
  if (
    !Number.isInteger(cidrBits) ||
    childLength < length ||
    cidrBits < 0 ||
    count > 2 ** (childLength - length)
  )
    throw invalid(`Template error: Fn::Cidr cannot make ${count} blocks of ${cidrBits} bits out of ${block}`);
  const first = (toNumber(address, family) >> BigInt(width - length)) << BigInt(width - length);
  const step = 1n << BigInt(cidrBits);
  return Array.from(
    { length: count },
    (_, index) => `${toText(first + BigInt(index) * step, family)}/${childLength}`,
  );
}

function toNumber(address: string, family: number): bigint {
  if (family === 4) return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n);
  return groupsOf(address).reduce((sum, group) => (sum << 16n) + BigInt(group), 0n);
}

function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::');
  const parse = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((part) => Number.parseInt(part, 16));
  const front = parse(head);
  if (tail === undefined) return front;
  const back = parse(tail);
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function toText(value: bigint, family: number): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  );
  return shortest(groups);
}

/** The longest run of zero groups becomes `::`. */
function shortest(groups: string[]): string {
  const text = groups.join(':');
  const runs = [...text.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].toSorted((a, b) => b[0].length - a[0].length);
  const run = runs[0];
  if (run === undefined) return text;
  const before = text.slice(0, run.index);
  return `${before}::${text.slice(run.index + run[0].length).replace(/^:/, '')}`;
}
