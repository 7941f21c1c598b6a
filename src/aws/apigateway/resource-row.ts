/** A resource's row holds its methods whole, so that one PutMethod touches one row, and how to find them. */
import type {
  Integration,
  Method,
  MethodResponse,
  IntegrationResponse,
  Resource,
} from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import { notFound } from './faults.ts';

export interface ResourceRow {
  readonly id: string;
  readonly parentId?: string | undefined;
  readonly pathPart?: string | undefined;
  readonly path: string;
  /** By HTTP method, in the SDK's shape: responses and integration inside. */
  readonly methods?: Readonly<Record<string, Method>> | undefined;
}

/** Keyed `{apiId}/{resourceId}`. */
export const resources = table<ResourceRow>('apigateway.resources');

interface ResourceAddress {
  readonly restApiId: string | undefined;
  readonly resourceId: string | undefined;
}
interface MethodAddress extends ResourceAddress {
  readonly httpMethod: string | undefined;
}

/** A wrong API id is answered as a wrong resource, as AWS does below an API. */
export async function needResource(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  address: ResourceAddress,
): Promise<ResourceRow> {
  const row = await rows.get(resources, scope, `${address.restApiId}/${address.resourceId}`);
  if (row === undefined) throw notFound('Invalid Resource identifier specified');
  return row;
}

interface FoundMethod {
  readonly resource: ResourceRow;
  readonly method: Method;
}

export async function needMethod(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  address: MethodAddress,
): Promise<FoundMethod> {
  const resource = await needResource(rows, scope, address);
  const method = resource.methods?.[address.httpMethod ?? ''];
  if (method === undefined) throw notFound('Invalid Method identifier specified');
  return { resource, method };
}

const integrationMissing = () => notFound('Invalid Integration identifier specified');
const statusMissing = () => notFound('Invalid Response status code specified');

export function needIntegration(method: Method | undefined): Integration {
  if (method?.methodIntegration === undefined) throw integrationMissing();
  return method.methodIntegration;
}

export function needMethodResponse(method: Method, statusCode: string | undefined): MethodResponse {
  const response = method.methodResponses?.[statusCode ?? ''];
  if (response === undefined) throw statusMissing();
  return response;
}

export function needIntegrationResponse(
  integration: Integration,
  statusCode: string | undefined,
): IntegrationResponse {
  const response = integration.integrationResponses?.[statusCode ?? ''];
  if (response === undefined) throw statusMissing();
  return response;
}

/** Writes the resource with one method changed; `undefined` takes the method away. */
export async function putMethodRow(
  rows: Transaction,
  scope: Scope,
  address: MethodAddress,
  resource: ResourceRow,
  method: Method | undefined,
): Promise<void> {
  const { [address.httpMethod ?? '']: _before, ...others } = resource.methods ?? {};
  const methods = method === undefined ? others : { ...others, [address.httpMethod ?? '']: method };
  await rows.put(resources, scope, `${address.restApiId}/${resource.id}`, { ...resource, methods });
}

/** As AWS shows a resource: methods are bare keys unless `embed=methods`. */
export function showResource(row: ResourceRow, embed: readonly string[] | undefined): Resource {
  const { methods, ...rest } = row;
  const shown = Object.entries(methods ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  if (shown.length === 0) return rest;
  const whole = embed?.includes('methods');
  return {
    ...rest,
    resourceMethods: Object.fromEntries(shown.map(([name, method]) => [name, whole ? method : {}])),
  };
}
