/** Whether the key a method asks for is a good one. Without a port that knows keys, none is. */
import type { GatewayPorts } from '../ports.ts';
import type { Identity, Routed } from '../plan.ts';
import { Refusal } from '../refusal.ts';

export async function requireApiKey(
  ports: GatewayPorts,
  call: Routed,
  value: string | undefined,
): Promise<NonNullable<Identity['apiKey']>> {
  const { api, stageName } = call.stage;
  const found =
    value === undefined ? undefined : await ports.findApiKey?.(value, api.apiId, stageName, api.scope);
  if (found === undefined || value === undefined) throw new Refusal('INVALID_API_KEY', 'Forbidden');
  return { value, apiKeyId: found.apiKeyId };
}
