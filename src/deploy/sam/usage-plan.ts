/** Auth.UsagePlan of a REST API: a plan, a key and what ties them, for one API or for all of the template. */
import { isObject, type JsonObject } from '../template.ts';
import { SamFault } from './faults.ts';
import { inherited, make, objectIn, type Resource, type SamResource, type Serverless } from './serverless.ts';
import { ref } from './values.ts';

const KNOWN = ['CreateUsagePlan', 'Description', 'Quota', 'Tags', 'Throttle', 'UsagePlanName'];
const MODES = ['SHARED', 'PER_API', 'NONE'];

export function usagePlan(
  resource: SamResource,
  serverless: Serverless,
  stageId: string,
): Record<string, Resource> {
  const { logicalId } = resource;
  const given = objectIn(resource, 'Auth')?.UsagePlan;
  if (given === undefined || given === null) return {};
  if (!isObject(given)) throw new SamFault(logicalId, "'UsagePlan' must be a dictionary");
  if (!Object.keys(given).every((key) => KNOWN.includes(key)))
    throw new SamFault(logicalId, "Invalid property for 'UsagePlan'");
  const mode = given.CreateUsagePlan;
  if (mode === undefined)
    throw new SamFault(logicalId, "'CreateUsagePlan' is a required field for UsagePlan.");
  if (!MODES.includes(String(mode)))
    throw new SamFault(logicalId, "'CreateUsagePlan' accepts one of ['SHARED', 'PER_API', 'NONE'].");
  if (mode === 'NONE') return {};
  const stage: JsonObject = { ApiId: ref(logicalId), Stage: ref(stageId) };
  const key: JsonObject = { RestApiId: ref(logicalId), StageName: ref(stageId) };
  if (mode === 'PER_API')
    return plan({
      prefix: logicalId,
      given,
      stages: [stage],
      keys: [key],
      apis: [logicalId],
      attributes: inherited(resource),
    });
  const { shared } = serverless;
  shared.apiIds.push(logicalId);
  shared.apiStages.push(stage);
  shared.stageKeys.push(key);
  shared.conditions.push(
    typeof resource.attributes.Condition === 'string' ? resource.attributes.Condition : undefined,
  );
  return plan({
    prefix: 'Serverless',
    given,
    stages: shared.apiStages.filter(isObject),
    keys: shared.stageKeys.filter(isObject),
    apis: [...shared.apiIds],
    attributes: sharedAttributes(serverless),
  });
}

/** Conditional only when every API that shares it is. */
function sharedAttributes({ shared, conditions }: Serverless): JsonObject {
  const names = [...new Set(shared.conditions)];
  const name = 'SharedUsagePlanCondition';
  delete conditions[name];
  if (names.includes(undefined)) return {};
  conditions[name] =
    names.length === 1
      ? { Condition: names[0] ?? '' }
      : { 'Fn::Or': names.toSorted().map((Condition) => ({ Condition: Condition ?? '' })) };
  return { Condition: name };
}

interface PlanRequest {
  readonly prefix: string;
  readonly given: JsonObject;
  readonly stages: JsonObject[];
  readonly keys: JsonObject[];
  readonly apis: string[];
  readonly attributes: JsonObject;
}

function plan({ prefix, given, stages, keys, apis, attributes }: PlanRequest): Record<string, Resource> {
  const { CreateUsagePlan: _, ...rest } = given;
  const planId = `${prefix}UsagePlan`;
  const keyId = `${prefix}ApiKey`;
  return {
    [planId]: make(
      'AWS::ApiGateway::UsagePlan',
      { ApiStages: stages, ...rest },
      { DependsOn: apis, ...attributes },
    ),
    [keyId]: make(
      'AWS::ApiGateway::ApiKey',
      { Enabled: true, StageKeys: keys },
      { DependsOn: [planId], ...attributes },
    ),
    [`${prefix}UsagePlanKey`]: make(
      'AWS::ApiGateway::UsagePlanKey',
      { KeyId: ref(keyId), KeyType: 'API_KEY', UsagePlanId: ref(planId) },
      { DependsOn: [keyId], ...attributes },
    ),
  };
}
