/** What the small nouns under a WebSocket API share. */
import type { Change } from './change.ts';
import { badRequest } from './faults.ts';

/** The API reference marks these nouns "Supported only for WebSocket APIs". Throws BadRequestException. */
export function requireWebSocket({ api }: Change, nouns: string): void {
  if (api.ProtocolType !== 'WEBSOCKET') throw badRequest(`${nouns} are supported only for WebSocket APIs`);
}
