/**
 * How a real-time client says who it is: a JSON object in the query string, in a subprotocol, or in a message.
 * https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */
import type { IncomingMessage } from 'node:http';
import type { SignedRequest } from '../../base/ports.ts';
import { RequestError } from '../errors.ts';

export interface Claimed {
  readonly headers: Readonly<Record<string, string>>;
  readonly raw: readonly string[];
}

/** Undefined: nothing was said. Throws RequestError for what cannot be read. */
export function claimedAtConnect(request: IncomingMessage): Claimed | undefined {
  const query = new URL(request.url ?? '/', 'http://localhost').searchParams.get('header');
  const [inProtocol] = protocolsOf(request).filter((name) => name.startsWith('header-'));
  const encoded = query ?? inProtocol?.slice('header-'.length);
  if (encoded === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(
      Buffer.from(encoded, encoded.includes('-') || encoded.includes('_') ? 'base64url' : 'base64').toString(
        'utf8',
      ),
    );
  } catch {
    throw new RequestError(400, 'BadRequestException', 'Header value is not valid base64 JSON.');
  }
  return claimed(value);
}

export function claimed(value: unknown): Claimed {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RequestError(400, 'BadRequestException', 'The authorization must be an object.');
  const entries = Object.entries(value).map(([name, each]) => [name, String(each)] as const);
  return {
    headers: Object.fromEntries(entries.map(([name, each]) => [name.toLowerCase(), each])),
    raw: entries.flat(),
  };
}

export const protocolsOf = ({ headers }: IncomingMessage): string[] =>
  (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** The request a client signs: a POST of what it starts, or of nothing when it connects. */
export const signedBy = ({ raw }: Claimed, target: string, body: string): SignedRequest => ({
  method: 'POST',
  target,
  rawHeaders: raw,
  body: new TextEncoder().encode(body),
});
