/** One method of a REST API, compiled. What cannot be compiled refuses every request of this method, and no other. */
import type { Resource } from '@aws-sdk/client-api-gateway';
import { reasonOf } from '../../base/fault.ts';
import type { RestStage } from '../config.ts';
import type { RestAuthorizers } from '../authorizers/rest-authorizers.ts';
import type { Engine } from '../engine.ts';
import { compileAwsCustom } from '../integrations/aws-custom.ts';
import { compileHttpCustom } from '../integrations/http-custom.ts';
import { compileRestHttpProxy } from '../integrations/http-proxy.ts';
import { compileLambdaProxy } from '../integrations/lambda-proxy.ts';
import { compileMock } from '../integrations/mock.ts';
import type { IsBinary } from '../media-types.ts';
import type { Checked, Plan, StagePlan } from '../plan.ts';
import { configurationError, isRefusal } from '../refusal.ts';
import { enter } from '../trail.ts';
import { compileRestAuthorization } from '../steps/authorize-rest.ts';
import { type CachedMethod, compileCache, isCached } from '../steps/cache.ts';
import { compileThrottle } from '../steps/throttle.ts';
import { compileValidation } from '../steps/validate.ts';
import { ownSettings, settingsOf } from './method-settings.ts';
import type { RestMethod } from './rest-method.ts';
import { restRules } from './rules.ts';

export interface RestPlanSource {
  readonly stagePlan: StagePlan;
  readonly stage: RestStage;
  readonly engine: Engine;
  readonly resource: Resource;
  readonly httpMethod: string;
  readonly isBinary: IsBinary;
  readonly authorizers: RestAuthorizers;
  readonly cacheName: string;
}

export function compileRestPlan(source: RestPlanSource): Plan {
  const { stagePlan, stage, engine, resource, httpMethod, isBinary, authorizers } = source;
  const { definition } = stage;
  const method = resource.resourceMethods?.[httpMethod] ?? {};
  const rest: RestMethod = {
    stage: stagePlan,
    definition,
    method,
    integration: method.methodIntegration ?? {},
    operationName: method.operationName,
    resourceId: resource.id ?? '',
    resourcePath: resource.path ?? '/',
    httpMethod,
    clientCertificate: stage.clientCertificate,
    webAclArn: stage.webAclArn,
    isBinary,
    authorizers,
  };
  const settings = settingsOf(stage, rest.resourcePath, httpMethod);
  const cached: CachedMethod = {
    method: rest,
    settings,
    named: ownSettings(stage, rest.resourcePath, httpMethod)?.cachingEnabled === true,
    stage,
    cacheName: source.cacheName,
    ports: engine.ports,
  };
  return {
    stage: stagePlan,
    routeKey: `${httpMethod} ${rest.resourcePath}`,
    resourceId: rest.resourceId,
    resourcePath: rest.resourcePath,
    signed: method.authorizationType === 'AWS_IAM',
    body: streamsBody(rest) ? 'streamed' : 'buffered',
    authorize: compileRestAuthorization(rest, engine),
    throttle: compileThrottle(engine, {
      scope: stagePlan.api.scope,
      apiId: stagePlan.api.apiId,
      stageName: stagePlan.stageName,
      routeKey: `${httpMethod} ${rest.resourcePath}`,
      perSecond: settings.throttlingRateLimit,
      burst: settings.throttlingBurstLimit,
      keyed: method.apiKeyRequired === true,
    }),
    validate: guardedValidation(rest),
    integrate: compileCache(cached, guardedIntegration(rest, engine)),
    detailedMetrics: settings.metricsEnabled === true,
    rules: () => restRules(rest, settings, isCached(cached)),
  };
}

type Integrate = Plan['integrate'];

function compileIntegration(method: RestMethod, engine: Engine): Integrate {
  const { type } = method.integration;
  switch (type) {
    case 'MOCK':
      return compileMock(method);
    case 'AWS_PROXY':
      return compileLambdaProxy(method, engine.ports);
    case 'AWS':
      return compileAwsCustom(method, engine.ports);
    case 'HTTP_PROXY':
      return compileRestHttpProxy(method, engine);
    case 'HTTP':
      return compileHttpCustom(method, engine);
    case undefined:
      throw configurationError('No integration defined for method');
    default:
      return type satisfies never;
  }
}

function guardedIntegration(method: RestMethod, engine: Engine): Integrate {
  try {
    return compileIntegration(method, engine);
  } catch (thrown) {
    return alwaysRefused(thrown, 'integrate');
  }
}

function guardedValidation(method: RestMethod): Plan['validate'] {
  try {
    return compileValidation(method);
  } catch (thrown) {
    return alwaysRefused(thrown, null);
  }
}

/** A step that cannot be compiled throws its refusal at every call. */
function alwaysRefused(thrown: unknown, step: 'integrate' | null): (call: Checked) => never {
  const refusal = isRefusal(thrown) ? thrown : configurationError(reasonOf(thrown));
  return (call) => {
    if (step !== null) enter(call.facts, step);
    throw refusal;
  };
}

/** Only a proxy to HTTP that neither validates nor maps the body can do without having it whole. */
function streamsBody({ method, integration, webAclArn }: RestMethod): boolean {
  // A web ACL has had the body already.
  if (webAclArn !== undefined) return false;
  if (integration.type !== 'HTTP_PROXY' || method.authorizationType === 'AWS_IAM') return false;
  if (method.requestValidatorId !== undefined) return false;
  return !Object.values(integration.requestParameters ?? {}).some((source) =>
    source.startsWith('method.request.body'),
  );
}
