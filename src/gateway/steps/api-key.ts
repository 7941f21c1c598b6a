/** Whether the key a method asks for is a good one. Without a port that knows keys, none is. */
import { narrate } from '../narrate.ts';
import type { ApiKeyGrant } from '../config.ts';
import type { GatewayPorts } from '../ports.ts';
import type { Identity, Routed } from '../plan.ts';
import { Refusal } from '../refusal.ts';

/** The key must be enabled and its usage plan hold the stage; what the plan allows is asked when the call is throttled. */
export function requireApiKey(
  ports: GatewayPorts,
  call: Routed,
  value: string | undefined,
): NonNullable<Identity['apiKey']> | Promise<NonNullable<Identity['apiKey']>> {
  const { api, stageName } = call.stage;
  narrate(
    call,
    () =>
      `Verifying Usage Plan for request: ${call.requestId}. API Key: ${value === undefined ? '' : '******'} API Stage: ${api.apiId}/${stageName}`,
  );
  if (value === undefined || value === '') throw refused('no API key');
  const asked = ports.findApiKey?.(api.scope, value, api.apiId, stageName);
  return asked instanceof Promise ? asked.then((late) => granted(value, late)) : granted(value, asked);
}

function granted(value: string, grant: ApiKeyGrant | undefined): NonNullable<Identity['apiKey']> {
  if (grant === undefined) throw refused('no such API key');
  if (!grant.enabled) throw refused(`API key ${grant.apiKeyId} is disabled`);
  if (grant.plan === undefined)
    throw refused(`API key ${grant.apiKeyId} is in no usage plan with this stage`);
  return { value, apiKeyId: grant.apiKeyId, plan: grant.plan };
}

const refused = (reason: string): Refusal =>
  new Refusal('INVALID_API_KEY', 'Forbidden', { reason: `API Key not authorized: ${reason}` });
