/**
 * What becomes of a backend's response headers on a REST API: some are renamed `x-amzn-Remapped-{name}`, some dropped.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */

const REMAPPED = new Set([
  'authorization',
  'connection',
  'content-length',
  'content-md5',
  'date',
  'expect',
  'host',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'trailer',
  'upgrade',
  'user-agent',
  'www-authenticate',
  'x-amzn-requestid',
]);

/** The guide's table drops these by type; TE and Via are kept where recordings and table agree. */
const DROPPED = {
  lambda: new Set(['transfer-encoding', 'via']),
  http: new Set(['transfer-encoding', 'via', 'keep-alive', 'proxy-connection']),
} as const;

export function remapResponseHeaders(headers: readonly string[], backend: keyof typeof DROPPED): string[] {
  const dropped: ReadonlySet<string> = DROPPED[backend];
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    const key = name.toLowerCase();
    if (dropped.has(key)) continue;
    kept.push(REMAPPED.has(key) ? `x-amzn-Remapped-${name}` : name, headers[i + 1] ?? '');
  }
  return kept;
}
