/** Addresses that a proxy in front wrote into a header. */
import { type Address, parseAddress } from '../policy/address.ts';
import type { Inspected } from './inspected.ts';

/** Those at the position asked for, as far as they are addresses. */
export function forwardedAddresses(
  request: Inspected,
  headerName: string,
  position: 'FIRST' | 'LAST' | 'ANY' | undefined,
): Address[] {
  const listed = request
    .header(headerName.toLowerCase())
    .flatMap((value) => value.split(','))
    .map((part) => part.trim())
    .slice(0, MOST);
  const chosen = position === 'FIRST' ? listed.slice(0, 1) : position === 'LAST' ? listed.slice(-1) : listed;
  return chosen.flatMap((text) => parseAddress(withoutPort(text)) ?? []);
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-forwarded-ip-address.html: up to ten. */
const MOST = 10;

const withoutPort = (text: string): string =>
  text.replace(/^\[([^\]]+)\](?::\d+)?$/, '$1').replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1');

export const clientAddress = (request: Inspected): Address | undefined =>
  parseAddress(request.request.sourceIp);
