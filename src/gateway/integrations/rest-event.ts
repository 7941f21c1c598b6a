/** The event of a REST API's Lambda proxy integration (payload format 1.0), every key as recorded on AWS. */
import { groupQuery } from '../query.ts';
import { callerVariables } from '../context-variables.ts';
import type { ClientCertificate } from '../client-certificate.ts';
import { ANONYMOUS, type Arrived, type Checked, type Identity, type Routed } from '../plan.ts';
import { NO_BODY } from '../steps/body.ts';
import { requestTime } from '../request-time.ts';
import { restEventHeaders, type HeaderGroups } from './event-headers.ts';

export interface RestEventOptions {
  readonly isBinary: boolean;
  readonly operationName: string | undefined;
  /** Mapped by requestParameters: added to, or put in place of, what the client sent. */
  readonly mappedHeaders?: ReadonlyMap<string, readonly string[]>;
  readonly mappedQuery?: ReadonlyMap<string, readonly string[]>;
  readonly mappedPath?: ReadonlyMap<string, string>;
}

export function restEvent(call: Checked, options: RestEventOptions): Record<string, unknown> {
  const headers = restEventHeaders(call);
  for (const [name, values] of options.mappedHeaders ?? [])
    headers.set(name.toLowerCase(), { name, values: [...values] });
  const query = queryOf(call, options.mappedQuery);
  return {
    resource: call.plan.resourcePath,
    path: call.target.mapped?.rawPath ?? call.path,
    httpMethod: call.request.method,
    ...headerMembers(headers),
    ...queryMembers(query),
    pathParameters: pathOf(call, options.mappedPath),
    stageVariables: orNull(call.plan.stage.variables),
    requestContext: requestContext(call, options.operationName),
    ...bodyMembers(call.body, options.isBinary),
  };
}

export function headerMembers(headers: HeaderGroups): { headers: unknown; multiValueHeaders: unknown } {
  const single: [string, string][] = [];
  const multiple: [string, readonly string[]][] = [];
  for (const { name, values } of headers.values()) {
    single.push([name, values[values.length - 1] ?? '']);
    multiple.push([name, values]);
  }
  return { headers: Object.fromEntries(single), multiValueHeaders: Object.fromEntries(multiple) };
}

export function queryMembers(query: ReadonlyMap<string, readonly string[]> | null): Record<string, unknown> {
  if (query === null) return { queryStringParameters: null, multiValueQueryStringParameters: null };
  const single: [string, string][] = [];
  for (const [name, values] of query) single.push([name, values[values.length - 1] ?? '']);
  return {
    queryStringParameters: Object.fromEntries(single),
    multiValueQueryStringParameters: Object.fromEntries(query),
  };
}

export function bodyMembers(
  body: Uint8Array,
  isBinary: boolean,
): { body: string | null; isBase64Encoded: boolean } {
  if (body.length === 0) return { body: null, isBase64Encoded: false };
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  return { body: bytes.toString(isBinary ? 'base64' : 'utf8'), isBase64Encoded: isBinary };
}

function queryOf(
  call: Checked,
  mapped: RestEventOptions['mappedQuery'],
): Map<string, readonly string[]> | null {
  const query: Map<string, readonly string[]> | null = groupQuery(call.request.query('&;'));
  if (mapped === undefined || mapped.size === 0) return query;
  return new Map([...(query ?? []), ...mapped]);
}

function pathOf(
  call: Checked,
  mapped: RestEventOptions['mappedPath'],
): Readonly<Record<string, string>> | null {
  if (mapped === undefined || mapped.size === 0) return call.pathParameters;
  return { ...call.pathParameters, ...Object.fromEntries(mapped) };
}

function requestContext(call: Checked, operationName: string | undefined): Record<string, unknown> {
  const { plan, request } = call;
  const { api } = plan.stage;
  return {
    resourceId: plan.resourceId,
    ...authorizerMember(call.identity),
    resourcePath: plan.resourcePath,
    ...(operationName === undefined ? {} : { operationName }),
    httpMethod: request.method,
    extendedRequestId: call.extendedRequestId,
    requestTime: requestTime(call.receivedAt),
    path: call.shownPath,
    accountId: api.scope.account,
    protocol: request.protocol,
    stage: plan.stage.stageName,
    domainPrefix: call.domainPrefix,
    requestTimeEpoch: call.receivedAt,
    requestId: call.requestId,
    identity: eventIdentity(call),
    domainName: call.domainName,
    deploymentId: plan.stage.deploymentId,
    apiId: api.apiId,
  };
}

const authorizerMember = (identity: Identity): Record<string, unknown> =>
  identity.authorizer === null ? {} : { authorizer: identity.authorizer };

const NO_CALLER = {
  cognitoIdentityPoolId: null,
  accountId: null,
  cognitoIdentityId: null,
  caller: null,
  sourceIp: '',
  principalOrgId: null,
  accessKey: null,
  cognitoAuthenticationType: null,
  cognitoAuthenticationProvider: null,
  userArn: null,
  userAgent: null,
  user: null,
};

export function eventIdentity(call: Checked): Record<string, unknown> {
  const { apiKey, caller } = call.identity;
  return {
    ...NO_CALLER,
    ...callerVariables(caller),
    sourceIp: call.request.sourceIp,
    userAgent: call.request.header('user-agent') ?? null,
    ...(apiKey === null ? {} : { apiKey: apiKey.value, apiKeyId: apiKey.apiKeyId }),
    ...clientCertMember(call),
  };
}

/** `clientCert`, where the custom domain name asks for one. */
export function clientCertMember({ target }: Arrived): { clientCert?: ClientCertificate } {
  const client = target.mapped?.client;
  return typeof client === 'object' ? { clientCert: client } : {};
}

export function orNull(members: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
  for (const _name in members) return members;
  return null;
}

/** What a REQUEST authorizer is told: the proxy event without a body, and empty maps where that has null. */
export function restAuthorizerEvent(call: Routed, methodArn: string): Record<string, unknown> {
  const asked = { ...call, identity: ANONYMOUS, body: NO_BODY };
  const {
    body: _body,
    isBase64Encoded: _flag,
    ...event
  } = restEvent(asked, { isBinary: false, operationName: undefined });
  return { type: 'REQUEST', methodArn, ...event, ...emptyForNull(event, MAPS) };
}

const MAPS = ['queryStringParameters', 'multiValueQueryStringParameters', 'pathParameters', 'stageVariables'];

export const emptyForNull = (
  event: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> => Object.fromEntries(names.map((name) => [name, event[name] ?? {}]));
