/** Lines of the execution log, told where things happen; nothing is put together when nobody keeps them. */
import type { Arrived, Reply } from './plan.ts';

export function narrate(call: Arrived, line: () => string): void {
  call.facts.lines?.push(line());
}

/** Payloads are told only where data tracing is on, and no more of them than an event holds. */
export function narrateBody(call: Arrived, label: string, body: string | Uint8Array): void {
  const { lines, dataTrace } = call.facts;
  if (lines === undefined || dataTrace !== true) return;
  lines.push(
    `${label}: ${typeof body === 'string' ? body.slice(0, MOST) : Buffer.from(body.subarray(0, MOST)).toString('utf8')}`,
  );
}

const MOST = 1024;

/** Credentials never reach a log. */
const SECRET = new Set(['authorization', 'cookie', 'set-cookie', 'x-api-key', 'x-amz-security-token']);

export function printHeaders(headers: readonly string[]): string {
  const pieces: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    pieces.push(`${name}=${SECRET.has(name.toLowerCase()) ? '******' : headers[i + 1]}`);
  }
  return `{${pieces.join(', ')}}`;
}

export function narrateReply(call: Arrived, reply: Reply): void {
  if (typeof reply.body === 'string' || reply.body instanceof Uint8Array)
    narrateBody(call, 'Method response body after transformations', reply.body);
  narrate(
    call,
    () =>
      `Method response headers: ${printHeaders(reply.traced === true ? ['X-Amzn-Trace-Id', call.traceId, ...reply.headers] : reply.headers)}`,
  );
}
