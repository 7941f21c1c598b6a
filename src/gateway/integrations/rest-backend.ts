/**
 * Where an HTTP integration of a REST API leads: to its address, or through a VPC link to the load balancer or listener
 * it names, with the address telling scheme, Host and path.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/private-integration.html
 */
import type { Engine } from '../engine.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import { configurationError } from '../refusal.ts';
import type { Backend } from './http-connections.ts';
import type { HttpTarget } from './http-target.ts';

/** Null where the address itself is where to go. */
export function compilePrivateBackend(
  { integration, stage }: RestMethod,
  target: HttpTarget,
  { ports }: Engine,
): (() => Promise<Backend>) | null {
  const { connectionType, integrationTarget } = integration;
  if (connectionType !== 'VPC_LINK' || !integrationTarget) return null;
  const { findPrivateTarget } = ports;
  if (findPrivateTarget === undefined) throw unreachable(integrationTarget);
  return async () => {
    const found = await findPrivateTarget(stage.api.scope, integrationTarget);
    if (found === undefined) throw unreachable(integrationTarget);
    return { ...target.backend, host: found.host, port: found.port };
  };
}

const unreachable = (target: string) => configurationError(`Invalid integration target: ${target}`);
