/**
 * API Gateway's actions are HTTP methods, its resources the paths they are sent to.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
 */
import { partitionOf } from '../../../base/arn.ts';
import { type AccessCall, fieldsOf, listOf, type Requirement, textOf } from '../requirement.ts';

/** `{ "CreateRestApi": ["POST", "/restapis"], ... }`, of the service's own schemas. */
export type Paths = ReadonlyMap<string, readonly [method: string, uri: string]>;

export function apiGatewayRequirements(call: AccessCall, paths: Paths): readonly Requirement[] {
  const [method = '*', uri = '*'] = paths.get(call.operation) ?? [];
  const at = `arn:${partitionOf(call.scope.region)}:apigateway:${call.scope.region}::`;
  const path = uri.replace(/\?.*$/, '').replace(/\{(\w+)\+?\}/g, (_, label: string) => labelOf(call, label));
  const resource = at + path.replace(/^\/v2\//, '/');
  return [
    { action: `apigateway:${method}`, resources: [resource], context: keysOf(call) },
    ...policyChange(call, resource),
  ];
}

/** An ARN in a path is encoded there, and so in policies. */
const labelOf = ({ input }: AccessCall, label: string): string => {
  const key = Object.keys(input).find((name) => name.toLowerCase() === label.toLowerCase());
  const value = key === undefined ? undefined : textOf(input[key]);
  if (value === undefined) return '*';
  return value.startsWith('arn:') ? encodeURIComponent(value) : value;
};

/** Who changes an API's policy changes who may call it: an action of its own. */
function policyChange({ operation, input, scope }: AccessCall, resource: string): Requirement[] {
  const patches = listOf(input['patchOperations']).map((patch) => textOf(fieldsOf(patch)?.['path']));
  const changes =
    (operation === 'CreateRestApi' && textOf(input['policy']) !== undefined) ||
    (operation === 'UpdateRestApi' && patches.some((path) => path?.startsWith('/policy')));
  if (!changes) return [];
  const api =
    operation === 'CreateRestApi'
      ? `arn:${partitionOf(scope.region)}:apigateway:${scope.region}::/restapis/*`
      : resource;
  return [{ action: 'apigateway:UpdateRestApiPolicy', resources: [api] }];
}

function keysOf({ input }: AccessCall): Record<string, string | readonly string[]> {
  const keys: Record<string, string | readonly string[]> = {};
  const types = listOf(fieldsOf(input['endpointConfiguration'])?.['types']).filter(
    (type) => typeof type === 'string',
  );
  const put = (key: string, value: unknown): void => {
    if (typeof value === 'string' || typeof value === 'boolean')
      keys[`apigateway:Request/${key}`] = String(value);
  };
  if (types.length > 0) keys['apigateway:Request/EndpointType'] = types.map(String);
  put('ApiName', input['name'] ?? input['Name']);
  put('ApiKeyRequired', input['apiKeyRequired'] ?? input['ApiKeyRequired']);
  put('RouteAuthorizationType', input['authorizationType'] ?? input['AuthorizationType']);
  put('StageName', input['stageName'] ?? input['StageName']);
  put('SecurityPolicy', input['securityPolicy']);
  put('AuthorizerType', input['type'] ?? input['AuthorizerType']);
  put('AuthorizerUri', input['authorizerUri'] ?? input['AuthorizerUri']);
  put('DisableExecuteApiEndpoint', input['disableExecuteApiEndpoint'] ?? input['DisableExecuteApiEndpoint']);
  return keys;
}
