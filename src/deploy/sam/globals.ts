/** The Globals section: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html */
import { intrinsicOf, isObject, type Json, type JsonObject } from '../template.ts';
import { samDocumentFault } from './faults.ts';
import type { Resource } from './serverless.ts';

const words = (text: string): string[] => text.split(' ');

const SUPPORTED: Readonly<Record<string, readonly string[]>> = {
  Api: words(
    'Auth Name DefinitionUri CacheClusterEnabled CacheClusterSize MergeDefinitions Variables EndpointConfiguration MethodSettings BinaryMediaTypes MinimumCompressionSize Cors GatewayResponses AccessLogSetting CanarySetting TracingEnabled OpenApiVersion Domain AlwaysDeploy PropagateTags SecurityPolicy EndpointAccessMode',
  ),
  Function: words(
    'Handler Runtime CodeUri DeadLetterQueue Description MemorySize Timeout VpcConfig Environment Tags PropagateTags Tracing KmsKeyArn AutoPublishAlias AutoPublishAliasAllProperties Layers DeploymentPreference RolePath PermissionsBoundary ReservedConcurrentExecutions ProvisionedConcurrencyConfig AssumeRolePolicyDocument EventInvokeConfig FileSystemConfigs CodeSigningConfigArn Architectures SnapStart EphemeralStorage FunctionUrlConfig RuntimeManagementConfig LoggingConfig RecursiveLoop SourceKMSKeyArn TenancyConfig DurableConfig CapacityProviderConfig FunctionScalingConfig PublishToLatestPublished VersionDeletionPolicy',
  ),
  HttpApi: words(
    'Auth AccessLogSettings StageVariables Tags CorsConfiguration DefaultRouteSettings Domain RouteSettings FailOnWarnings PropagateTags',
  ),
  LayerVersion: words('PublishLambdaVersion'),
  SimpleTable: words('SSESpecification'),
  StateMachine: words('PropagateTags'),
};

export function checkGlobals(globals: JsonObject): void {
  for (const [section, properties] of Object.entries(globals)) {
    const supported = SUPPORTED[section];
    if (supported === undefined)
      throw samDocumentFault([
        `'Globals' section is invalid. '${section}' is not supported. Must be one of the following values - [${list(Object.keys(SUPPORTED))}]`,
      ]);
    if (!isObject(properties))
      throw samDocumentFault([`'Globals' section is invalid. Value of ${section} must be a dictionary`]);
    const unknown = Object.keys(properties).find((name) => !supported.includes(name));
    if (unknown !== undefined)
      throw samDocumentFault([
        `'Globals' section is invalid. '${unknown}' is not a supported property of '${section}'. Must be one of the following values - [${list(supported)}]`,
      ]);
  }
}

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** Maps are merged, lists joined with the global part first, anything else of the resource wins. */
export function applyGlobals(globals: JsonObject, resources: Record<string, Resource>): void {
  for (const resource of Object.values(resources)) {
    const [, section] = /^AWS::Serverless::(\w+)$/.exec(resource.Type) ?? [];
    const defaults = section === undefined ? undefined : globals[section];
    const ignored = resource.IgnoreGlobals;
    delete resource.IgnoreGlobals;
    if (!isObject(defaults) || ignored === '*') continue;
    const skip = Array.isArray(ignored) ? ignored.map(String) : [];
    const used = Object.fromEntries(Object.entries(defaults).filter(([name]) => !skip.includes(name)));
    const merged = merge(used, resource.Properties ?? {});
    resource.Properties = isObject(merged) ? merged : {};
  }
}

function merge(general: Json | undefined, own: Json | undefined): Json {
  if (general === undefined || general === null) return own ?? null;
  if (own === undefined || own === null) return structuredClone(general);
  if (Array.isArray(general) && Array.isArray(own)) return [...structuredClone(general), ...own];
  if (!isObject(general) || !isObject(own) || intrinsicOf(general) || intrinsicOf(own)) return own;
  const merged: JsonObject = {};
  for (const key of new Set([...Object.keys(general), ...Object.keys(own)]))
    merged[key] = merge(general[key], own[key]);
  return merged;
}
