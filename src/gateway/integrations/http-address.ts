/**
 * Where an HTTP_PROXY integration leads. A public one names path and query; a private one (VPC_LINK) names a listener, a
 * Cloud Map service or an origin, and gets the client's own path, its stage included.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-private.html
 */
import type { Engine } from '../engine.ts';
import type { HttpRoute } from '../kinds/http-plan.ts';
import type { Checked } from '../plan.ts';
import type { PrivateTarget } from '../ports.ts';
import { configurationError } from '../refusal.ts';
import { withStageVariables } from '../stage-variables.ts';
import type { Backend } from './http-connections.ts';
import { fillTemplate, parseTarget } from './http-target.ts';

export interface HttpAddress {
  readonly backend: Backend;
  readonly authority: string;
  readonly path: string;
}

export function compileHttpAddress(
  { integration, stagePlan }: HttpRoute,
  engine: Engine,
): (call: Checked) => HttpAddress | Promise<HttpAddress> {
  const uri = withStageVariables(integration.IntegrationUri ?? '', stagePlan.variables);
  const serverName = integration.TlsConfig?.ServerNameToVerify;
  if (uri.startsWith('arn:')) return byArn(uri, serverName, stagePlan.api.scope, engine);
  const { backend, authority, template } = parseTarget(uri, { verify: true });
  const named = serverName === undefined ? backend : { ...backend, serverName };
  if (integration.ConnectionType === 'VPC_LINK' && template === '/')
    return (call) => ({ backend: named, authority, path: call.request.rawPath });
  return (call) => ({
    backend: named,
    authority,
    path: fillTemplate(template, (name) => call.pathParameters?.[name]),
  });
}

/** TLS where the integration names whom to expect: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html, `tlsConfig` */
function byArn(
  arn: string,
  serverName: string | undefined,
  scope: HttpRoute['stagePlan']['api']['scope'],
  { ports }: Engine,
): (call: Checked) => Promise<HttpAddress> {
  const { findPrivateTarget } = ports;
  if (findPrivateTarget === undefined) throw unreachable(arn);
  return async (call) => {
    const found: PrivateTarget | undefined = await findPrivateTarget(scope, arn);
    if (found === undefined) throw unreachable(arn);
    const { host, port } = found;
    const secure = serverName !== undefined;
    return {
      backend: { secure, host, port, serverName: serverName ?? host, verify: true },
      authority: port === (secure ? 443 : 80) ? host : `${host}:${port}`,
      path: call.request.rawPath,
    };
  };
}

const unreachable = (arn: string) =>
  configurationError(`private integration target ${arn}: nothing here knows its address; give its URL`);
