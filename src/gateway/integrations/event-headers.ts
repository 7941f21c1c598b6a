/** Headers as a function sees them: what the client sent, what AWS drops, and what the gateway adds. */
import type { Arrived } from '../plan.ts';

export type HeaderGroups = Map<string, { readonly name: string; readonly values: string[] }>;

/**
 * Recorded on AWS in December 2024; a table of the developer guide from April 2026 would let Connection and
 * Content-Length pass, which no recorded event shows.
 */
const DROPPED = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'transfer-encoding',
  'trailer',
  'upgrade',
  'www-authenticate',
]);

/** Names AWS writes its own way whatever the client wrote; every other keeps the client's case. */
const RESPELLED: Readonly<Record<string, string>> = {
  authorization: 'Authorization',
  host: 'Host',
  'user-agent': 'User-Agent',
};

export function restEventHeaders(call: Arrived): HeaderGroups {
  const groups: HeaderGroups = new Map();
  const headers = call.request.rawHeaders;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const key = name.toLowerCase();
    if (!DROPPED.has(key)) addValue(groups, key, RESPELLED[key] ?? name, headers[i + 1] ?? '');
  }
  addForwarded(groups, call);
  return groups;
}

/** HTTP APIs keep Content-Length, and say 0 where there is no body; Connection never reaches a function. */
export function httpEventHeaders(call: Arrived): HeaderGroups {
  const groups: HeaderGroups = new Map();
  const headers = call.request.rawHeaders;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const key = name.toLowerCase();
    if (key === 'content-length' || !DROPPED.has(key))
      addValue(groups, key, RESPELLED[key] ?? name, headers[i + 1] ?? '');
  }
  if (!groups.has('content-length')) groups.set('content-length', { name: 'Content-Length', values: ['0'] });
  addForwarded(groups, call);
  return groups;
}

function addValue(groups: HeaderGroups, key: string, name: string, value: string): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, { name, values: [value] });
  else group.values.push(value);
}

/** The port and scheme are this server's own: an address built from them leads back here. */
function addForwarded(groups: HeaderGroups, call: Arrived): void {
  const { request } = call;
  const before = groups.get('x-forwarded-for')?.values.join(', ');
  const chain = before === undefined ? request.sourceIp : `${before}, ${request.sourceIp}`;
  replace(groups, 'X-Amzn-Trace-Id', call.traceId);
  replace(groups, 'X-Forwarded-For', chain);
  replace(groups, 'X-Forwarded-Port', String(request.localPort ?? 80));
  replace(groups, 'X-Forwarded-Proto', request.secure ? 'https' : 'http');
}

const replace = (groups: HeaderGroups, name: string, value: string): void =>
  void groups.set(name.toLowerCase(), { name, values: [value] });
