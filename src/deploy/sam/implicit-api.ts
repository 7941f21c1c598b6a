/**
 * APIs that nobody wrote: events without an API get `ServerlessRestApi` or `ServerlessHttpApi`, and an API without a
 * definition gets one to fill in.
 */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { eventFault } from './faults.ts';
import { addPath, ANY, isOpenApi3, pathsOf } from './paths.ts';
import type { Resource, Serverless } from './serverless.ts';
import { ref, when } from './values.ts';

interface ApiKind {
  readonly event: string;
  readonly type: string;
  /** The event's property that names its API. */
  readonly idProperty: 'RestApiId' | 'ApiId';
  readonly implicitId: string;
  skeleton(): JsonObject;
  readonly stage: JsonObject;
}

const KINDS: readonly ApiKind[] = [
  {
    event: 'Api',
    type: 'AWS::Serverless::Api',
    idProperty: 'RestApiId',
    implicitId: 'ServerlessRestApi',
    skeleton: () => ({ swagger: '2.0', info: { version: '1.0', title: ref('AWS::StackName') }, paths: {} }),
    stage: { StageName: 'Prod' },
  },
  {
    event: 'HttpApi',
    type: 'AWS::Serverless::HttpApi',
    idProperty: 'ApiId',
    implicitId: 'ServerlessHttpApi',
    skeleton: () => ({ openapi: '3.0.1', info: { version: '1.0', title: ref('AWS::StackName') }, paths: {} }),
    stage: {},
  },
];

/** The API is ours to fill in: its definition came from here. */
export const MANAGED = '__MANAGE_SWAGGER';

export function addImplicitApis(serverless: Serverless): void {
  for (const kind of KINDS) {
    fillDefinitions(serverless, kind);
    addEvents(serverless, kind);
  }
}

function fillDefinitions({ resources }: Serverless, kind: ApiKind): void {
  for (const resource of Object.values(resources)) {
    if (resource.Type !== kind.type) continue;
    const properties = resource.Properties ?? {};
    if (properties.DefinitionBody === undefined && properties.DefinitionUri === undefined)
      Object.assign(properties, { DefinitionBody: kind.skeleton(), [MANAGED]: true });
    resource.Properties = properties;
  }
}

/** A definition of ours takes the version that OpenApiVersion says, before events write into it. */
export function setVersions({ resources }: Serverless): void {
  for (const { Type, Properties: properties = {} } of Object.values(resources)) {
    const { DefinitionBody: body, OpenApiVersion: version } = properties;
    if (Type !== 'AWS::Serverless::Api' || !properties[MANAGED] || !isObject(body) || !isOpenApi3(version))
      continue;
    body.openapi = String(version);
    delete body.swagger;
  }
}

interface ApiEvent {
  readonly owner: string;
  readonly eventId: string;
  readonly properties: JsonObject;
  readonly condition: string | undefined;
  readonly resource: Resource;
}

function addEvents(serverless: Serverless, kind: ApiKind): void {
  const conditions = new Map<string, Map<string, (string | undefined)[]>>();
  for (const event of eventsOf(serverless, kind)) {
    const apiId = apiOf(serverless, kind, event);
    const { path, method } = routeOf(kind, event);
    const api = serverless.resources[apiId]?.Properties ?? {};
    const byPath = conditions.get(apiId) ?? new Map<string, (string | undefined)[]>();
    byPath.set(path, [...(byPath.get(path) ?? []), event.condition]);
    conditions.set(apiId, byPath);
    if (apiId === kind.implicitId) inheritPolicies(serverless.resources[apiId], event.resource);
    if (api[MANAGED] && isObject(api.DefinitionBody)) addPath(api.DefinitionBody, path, method);
    if (kind.event === 'HttpApi') addRouteSettings(api, event, path, method);
  }
  for (const [apiId, byPath] of conditions) makeConditional(serverless, kind, apiId, byPath);
}

/** An implicit API stays when one of its functions does. */
function inheritPolicies(api: Resource | undefined, { DeletionPolicy, UpdateReplacePolicy }: Resource): void {
  if (api === undefined) return;
  if (DeletionPolicy !== undefined && api.DeletionPolicy !== 'Retain') api.DeletionPolicy = DeletionPolicy;
  if (UpdateReplacePolicy !== undefined && api.UpdateReplacePolicy !== 'Retain')
    api.UpdateReplacePolicy = UpdateReplacePolicy;
}

function* eventsOf({ resources }: Serverless, kind: ApiKind): Generator<ApiEvent> {
  for (const [owner, resource] of Object.entries(resources)) {
    if (!/^AWS::Serverless::(Function|StateMachine)$/.test(resource.Type)) continue;
    const events = resource.Properties?.Events;
    for (const [eventId, event] of Object.entries(isObject(events) ? events : {})) {
      if (!isObject(event) || event.Type !== kind.event) continue;
      if (!isObject(event.Properties)) {
        if (kind.event === 'Api') throw eventFault(owner, eventId, "Missing required property 'Path'.");
        event.Properties = {};
      }
      const condition = typeof resource.Condition === 'string' ? resource.Condition : undefined;
      yield { owner, eventId, properties: event.Properties as JsonObject, condition, resource };
    }
  }
}

function apiOf(serverless: Serverless, kind: ApiKind, { owner, eventId, properties }: ApiEvent): string {
  const { resources } = serverless;
  if (properties[kind.idProperty] === undefined) {
    properties[kind.idProperty] = ref(kind.implicitId);
    resources[kind.implicitId] ??= {
      Type: kind.type,
      Properties: { ...kind.stage, DefinitionBody: kind.skeleton(), [MANAGED]: true },
    };
  }
  const given: Json | undefined = properties[kind.idProperty];
  const apiId = isObject(given) && typeof given.Ref === 'string' ? given.Ref : given;
  if (typeof apiId !== 'string' || resources[apiId]?.Type !== kind.type)
    throw eventFault(
      owner,
      eventId,
      `${kind.idProperty} must be a valid reference to an '${kind.type}' resource in same template.`,
    );
  return apiId;
}

function routeOf(kind: ApiKind, { owner, eventId, properties }: ApiEvent): { path: string; method: string } {
  if (kind.event === 'HttpApi' && !properties.Path && !properties.Method)
    Object.assign(properties, { Path: '$default', Method: ANY });
  const { Path: path, Method: method } = properties;
  if (typeof path !== 'string') throw eventFault(owner, eventId, "Missing required property 'Path'.");
  if (typeof method !== 'string') throw eventFault(owner, eventId, "Missing required property 'Method'.");
  return { path, method };
}

function addRouteSettings(api: JsonObject, event: ApiEvent, path: string, method: string): void {
  const settings = event.properties.RouteSettings;
  if (!isObject(settings)) return;
  const route = method === ANY ? path : `${method.toUpperCase()} ${path}`;
  const all = isObject(api.RouteSettings) ? api.RouteSettings : {};
  const own = isObject(all[route]) ? all[route] : {};
  all[route] = { ...own, ...(event.condition === undefined ? settings : when(event.condition, settings)) };
  api.RouteSettings = all;
}

/** A path, or the implicit API itself, that only conditional functions use stands under their conditions. */
function makeConditional(
  serverless: Serverless,
  kind: ApiKind,
  apiId: string,
  byPath: ReadonlyMap<string, readonly (string | undefined)[]>,
): void {
  const api = serverless.resources[apiId];
  const body = api?.Properties?.DefinitionBody;
  if (api === undefined || !isObject(body)) return;
  if (api.Properties?.[MANAGED])
    for (const [path, conditions] of byPath) {
      const name = path.replaceAll('/', 'SLASH').replaceAll('{', 'OB').replaceAll('}', 'CB');
      const condition = combined(serverless, `${apiId}${name}PathCondition`, conditions);
      const paths = pathsOf(body);
      if (condition !== undefined) paths[path] = when(condition, paths[path] ?? {});
    }
  if (apiId !== kind.implicitId || api.Condition !== undefined) return;
  const condition = combined(serverless, `${kind.implicitId}Condition`, [...byPath.values()].flat());
  if (condition !== undefined) api.Condition = condition;
}

function combined(
  { conditions }: Serverless,
  name: string,
  needed: readonly (string | undefined)[],
): string | undefined {
  const names = [...new Set(needed)];
  const [first] = names;
  if (names.includes(undefined) || first === undefined) return undefined;
  if (names.length === 1) return first;
  conditions[name] = { 'Fn::Or': names.toSorted().map((Condition) => ({ Condition: Condition ?? '' })) };
  return name;
}
