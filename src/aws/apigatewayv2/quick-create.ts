/**
 * Quick create: one call makes an integration, a catch-all route and a `$default` stage that deploys by itself.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop.html
 */
import type { CreateApiRequest } from '@aws-sdk/client-apigatewayv2';
import type { Change } from './change.ts';
import { badRequest } from './faults.ts';
import { newIntegration, updateIntegration } from './integration.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { newRoute, updateRoute } from './route.ts';
import { newStage } from './stage.ts';

type Target = Pick<CreateApiRequest, 'Target' | 'RouteKey' | 'CredentialsArn'>;

export async function quickCreate(
  change: Change,
  { Target = '', RouteKey = '$default', CredentialsArn }: Target,
  ports: ApiGatewayV2Ports,
): Promise<{ readonly routeId: string; readonly integrationId: string }> {
  const managed = true;
  const integration = { ...integrationOf(Target), CredentialsArn };
  const { IntegrationId } = await newIntegration(change, integration, ports, managed);
  const route = { RouteKey, Target: `integrations/${IntegrationId}` };
  const { RouteId } = await newRoute(change, route, ports, managed);
  await newStage(change, { StageName: '$default', AutoDeploy: true }, ports, managed);
  return { routeId: RouteId, integrationId: IntegrationId };
}

export async function quickUpdate(
  change: Change,
  { Target, RouteKey, CredentialsArn }: Target,
): Promise<void> {
  const made = change.api.quickCreate;
  if (!made)
    throw badRequest('Target, RouteKey and CredentialsArn can be updated only for APIs made by quick create');
  if (RouteKey) await updateRoute(change, made.routeId, { RouteKey });
  if (Target ?? CredentialsArn) {
    const changes = Target ? integrationOf(Target) : {};
    await updateIntegration(change, made.integrationId, { ...changes, CredentialsArn });
  }
}

/** A function's ARN becomes a Lambda proxy with format 2.0, anything else an HTTP proxy. */
const integrationOf = (target: string) =>
  target.startsWith('arn:')
    ? ({ IntegrationType: 'AWS_PROXY', IntegrationUri: target, PayloadFormatVersion: '2.0' } as const)
    : ({
        IntegrationType: 'HTTP_PROXY',
        IntegrationUri: target,
        IntegrationMethod: 'ANY',
        PayloadFormatVersion: '1.0',
      } as const);
