/** An IPv4 or IPv6 address as a number, and its width in bits. */
export interface Address {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): Address | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  let value = 0n;
  for (const part of text.split('.')) {
    if (Number(part) > 255) return undefined;
    value = value * 256n + BigInt(part);
  }
  return { value, bits: 32 };
}

function parseV6(text: string): Address | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const last = dotted === null ? undefined : parseV4(dotted[2] ?? '');
  if (dotted !== null && last === undefined) return undefined;
  const whole =
    last === undefined
      ? text
      : `${dotted?.[1]}${(last.value >> 16n).toString(16)}:${(last.value & 0xffffn).toString(16)}`;
  const [head = '', tail, ...more] = whole.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - front.length - back.length;
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...back];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return { value: BigInt(`0x${groups.map((group) => group.padStart(4, '0')).join('')}`), bits: 128 };
}

/** Whether an address lies in a block: `203.0.113.0/24`, `2001:db8::/32`, or one address. Undefined: it is no block. */
export function compileBlock(block: string): ((address: Address) => boolean) | undefined {
  const [text = '', prefixText] = block.split('/');
  const base = parseAddress(text);
  if (base === undefined || (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText))) return undefined;
  const prefix = prefixText === undefined ? base.bits : Number(prefixText);
  if (prefix > base.bits) return undefined;
  const shift = BigInt(base.bits - prefix);
  const network = base.value >> shift;
  return (address) => address.bits === base.bits && address.value >> shift === network;
}
