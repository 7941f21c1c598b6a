/** What the steps of a plan go by, one sentence a step: put together only when `explain` is asked. */
import type { MethodSetting } from '@aws-sdk/client-api-gateway';
import type { RouteSettings } from '@aws-sdk/client-apigatewayv2';
import type { PlanRules } from '../../base/observation.ts';
import type { HttpRoute } from './http-plan.ts';
import type { WebSocketRoute } from './websocket-route.ts';
import type { RestMethod } from './rest-method.ts';

export function restRules(rest: RestMethod, settings: MethodSetting, cached: boolean): PlanRules {
  const { throttlingRateLimit: rate, throttlingBurstLimit: burst } = settings;
  return {
    authorize: joined([
      rest.webAclArn ? `web ACL ${rest.webAclArn}` : null,
      rest.definition.policy ? 'resource policy' : null,
      restAuthorizer(rest),
      rest.method.apiKeyRequired === true ? `API key (${rest.definition.apiKeySource})` : null,
    ]),
    throttle: joined([
      rest.method.apiKeyRequired === true ? 'usage plan' : null,
      throttleOf(rate, burst),
      ACCOUNT,
    ]),
    validate: validatorOf(rest),
    integrate: [
      rest.integration.type ?? 'none',
      rest.integration.httpMethod,
      rest.integration.uri,
      cached ? `(answers are cached for ${settings.cacheTtlInSeconds} s)` : undefined,
    ]
      .filter((part) => part !== undefined)
      .join(' '),
  };
}

export function httpRules({ route, stage, integration }: HttpRoute, settings: RouteSettings): PlanRules {
  const authorizer = stage.definition.authorizers[route.AuthorizerId ?? ''];
  const type = route.AuthorizationType ?? 'NONE';
  const scopes = route.AuthorizationScopes ?? [];
  return {
    authorize: joined([
      type === 'NONE' ? null : type,
      authorizer === undefined ? null : `authorizer ${route.AuthorizerId} (${authorizer.Name})`,
      authorizer?.IdentitySource?.length ? `identity ${authorizer.IdentitySource.join(', ')}` : null,
      scopes.length > 0 ? `scopes ${scopes.join(' ')}` : null,
    ]),
    throttle: joined([throttleOf(settings.ThrottlingRateLimit, settings.ThrottlingBurstLimit), ACCOUNT]),
    validate: null,
    integrate: [
      integration.IntegrationType ?? 'none',
      integration.IntegrationMethod,
      integration.IntegrationUri,
      integration.PayloadFormatVersion === undefined
        ? undefined
        : `format ${integration.PayloadFormatVersion}`,
    ]
      .filter((part) => part !== undefined)
      .join(' '),
  };
}

export function webSocketRules(
  { route, stage, integration, twoWay }: WebSocketRoute,
  settings: RouteSettings,
): PlanRules {
  const authorizer = stage.definition.authorizers[route.AuthorizerId ?? ''];
  const type = route.AuthorizationType ?? 'NONE';
  return {
    authorize: joined([
      type === 'NONE' ? null : type,
      authorizer === undefined ? null : `authorizer ${route.AuthorizerId} (${authorizer.Name})`,
      authorizer?.IdentitySource?.length ? `identity ${authorizer.IdentitySource.join(', ')}` : null,
      route.ApiKeyRequired === true
        ? `API key (${stage.definition.apiKeySelectionExpression ?? '$request.header.x-api-key'})`
        : null,
    ]),
    throttle: joined([throttleOf(settings.ThrottlingRateLimit, settings.ThrottlingBurstLimit), ACCOUNT]),
    validate: route.ModelSelectionExpression ? `model by ${route.ModelSelectionExpression}` : null,
    integrate: [
      integration.IntegrationType ?? 'none',
      integration.IntegrationMethod,
      integration.IntegrationUri,
      twoWay ? 'answers' : 'one way',
    ]
      .filter((part) => part !== undefined)
      .join(' '),
  };
}

function restAuthorizer({ method, definition }: RestMethod): string | null {
  const { authorizationType: type = 'NONE', authorizerId: id, authorizationScopes: scopes = [] } = method;
  if (type === 'NONE') return null;
  const authorizer = definition.authorizers.find((candidate) => candidate.id === id);
  if (authorizer === undefined) return type;
  const { name, identitySource, authorizerResultTtlInSeconds: ttl = 300 } = authorizer;
  return joined([
    `${type} authorizer ${id} (${name}, ${authorizer.type})`,
    identitySource ? `identity ${identitySource}` : null,
    scopes.length > 0 ? `scopes ${scopes.join(' ')}` : null,
    `verdicts kept ${ttl} s`,
  ]);
}

function validatorOf({ method, definition }: RestMethod): string | null {
  const validator = definition.requestValidators.find(({ id }) => id === method.requestValidatorId);
  if (validator === undefined) return null;
  const models = Object.entries(method.requestModels ?? {}).map(([type, model]) => `${type}: ${model}`);
  return joined([
    `request validator ${validator.id} (${validator.name})`,
    validator.validateRequestParameters === true ? 'required parameters' : null,
    validator.validateRequestBody === true ? `body by model {${models.join(', ')}}` : null,
  ]);
}

/** Every request takes a token of its account's. */
const ACCOUNT = 'the account’s limit in the region';

/** A negative rate or burst, AWS's -1, means none. */
function throttleOf(rate: number | undefined, burst: number | undefined): string | null {
  if ((rate === undefined && burst === undefined) || (rate ?? 0) < 0 || (burst ?? 0) < 0) return null;
  return joined([
    rate === undefined ? null : `${rate} requests a second`,
    burst === undefined ? null : `burst ${burst}`,
  ]);
}

const joined = (parts: readonly (string | null)[]): string | null => {
  const there = parts.filter((part) => part !== null);
  return there.length === 0 ? null : there.join('; ');
};
