/** Mutual TLS: what the handshake found wrong is answered where the stage is known, so that its logs tell why. */
import type { Arrived } from '../plan.ts';
import { Refusal } from '../refusal.ts';

/** https://repost.aws/knowledge-center/api-gateway-mutual-tls-403-errors */
export function refuseDistrusted({ target }: Arrived): void {
  const reason = target.mapped?.client;
  if (typeof reason !== 'string') return;
  throw new Refusal('ACCESS_DENIED', 'Forbidden', {
    errorType: 'ForbiddenException',
    bytes: '{"message":"Forbidden"}',
    reason,
  });
}
