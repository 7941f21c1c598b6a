/**
 * The events of an HTTP API's Lambda proxy integration: payload formats 1.0 and 2.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { ANONYMOUS, type Checked, type Identity, type Routed } from '../plan.ts';
import { NO_BODY } from '../steps/body.ts';
import { decodePercent, groupQuery } from '../query.ts';
import { everyHeader } from '../raw-headers.ts';
import { requestTime } from '../request-time.ts';
import { httpEventHeaders } from './event-headers.ts';
import { isTextForHttpApi } from '../media-types.ts';
import {
  bodyMembers,
  clientCertMember,
  emptyForNull,
  eventIdentity,
  headerMembers,
  orNull,
  queryMembers,
} from './rest-event.ts';

/** Everything is there, null where it has no value. The path is decoded and carries the stage, as AWS sends it. */
export function httpEvent1(call: Checked): Record<string, unknown> {
  const { plan, request } = call;
  const path = decodePercent(request.rawPath);
  return {
    version: '1.0',
    resource: plan.resourcePath,
    path,
    httpMethod: request.method,
    ...headerMembers(httpEventHeaders(call)),
    ...queryMembers(groupQuery(request.query('&'))),
    requestContext: context1(call, path),
    pathParameters: decoded(call.pathParameters) ?? null,
    stageVariables: orNull(plan.stage.variables),
    ...bodyMembers(call.body, !isTextForHttpApi(request.header('content-type'))),
  };
}

function context1(call: Checked, path: string): Record<string, unknown> {
  const { plan, request } = call;
  return {
    accountId: plan.stage.api.scope.account,
    apiId: plan.stage.api.apiId,
    ...authorizer1(call.identity),
    domainName: call.domainName,
    domainPrefix: call.domainPrefix,
    extendedRequestId: call.extendedRequestId,
    httpMethod: request.method,
    identity: { cognitoAmr: null, ...eventIdentity(call) },
    path,
    protocol: request.protocol,
    requestId: call.requestId,
    requestTime: requestTime(call.receivedAt),
    requestTimeEpoch: call.receivedAt,
    resourceId: plan.resourceId,
    resourcePath: plan.resourcePath,
    stage: plan.stage.stageName,
  };
}

/** Format 1.0 carries a JWT's claims and scopes, or a Lambda authorizer's context, directly. */
function authorizer1({ authorizer }: Identity): Record<string, unknown> {
  if (authorizer === null) return {};
  return { authorizer: authorizer['jwt'] ?? authorizer['lambda'] ?? authorizer };
}

/** What has no value is left out. */
export function httpEvent2(call: Checked): Record<string, unknown> {
  const { plan, request } = call;
  const cookies = cookiesOf(call);
  const query = groupQuery(request.query('&'));
  const parameters = decoded(call.pathParameters);
  const variables = orNull(plan.stage.variables);
  return {
    version: '2.0',
    routeKey: plan.routeKey,
    rawPath: decodePercent(request.rawPath),
    rawQueryString: request.rawQuery,
    ...(cookies.length === 0 ? {} : { cookies }),
    headers: joinedHeaders(call),
    ...(query === null ? {} : { queryStringParameters: joined(query) }),
    requestContext: context2(call),
    ...(parameters === undefined ? {} : { pathParameters: parameters }),
    ...(variables === null ? {} : { stageVariables: variables }),
    ...body2(call),
  };
}

function context2(call: Checked): Record<string, unknown> {
  const { plan, request } = call;
  return {
    accountId: plan.stage.api.scope.account,
    apiId: plan.stage.api.apiId,
    ...(typeof call.target.mapped?.client === 'object' ? { authentication: clientCertMember(call) } : {}),
    ...authorizer2(call.identity),
    domainName: call.domainName,
    domainPrefix: call.domainPrefix,
    http: {
      method: request.method,
      path: decodePercent(request.rawPath),
      protocol: request.protocol,
      sourceIp: request.sourceIp,
      userAgent: request.header('user-agent') ?? '',
    },
    requestId: call.requestId,
    routeKey: plan.routeKey,
    stage: plan.stage.stageName,
    time: requestTime(call.receivedAt),
    timeEpoch: call.receivedAt,
  };
}

function authorizer2({ authorizer, caller }: Identity): Record<string, unknown> {
  if (authorizer !== null) return { authorizer };
  if (caller === null) return {};
  const id = caller.kind === 'root' ? caller.account : caller.userId;
  const iam = {
    accessKey: caller.accessKeyId,
    accountId: caller.account,
    callerId: id,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn: caller.arn,
    userId: id,
  };
  return { authorizer: { iam } };
}

function body2(call: Checked): Record<string, unknown> {
  const { body, isBase64Encoded } = bodyMembers(
    call.body,
    !isTextForHttpApi(call.request.header('content-type')),
  );
  return body === null ? { isBase64Encoded } : { body, isBase64Encoded };
}

/** Cookies leave the headers for a list of their own. */
const cookiesOf = (call: Checked): string[] =>
  everyHeader(call.request.rawHeaders, 'cookie').flatMap((value) =>
    value.split(/; */).filter((cookie) => cookie !== ''),
  );

function joinedHeaders(call: Checked): Record<string, string> {
  const members: [string, string][] = [];
  for (const [name, { values }] of httpEventHeaders(call))
    if (name !== 'cookie') members.push([name, values.join(',')]);
  return Object.fromEntries(members);
}

const joined = (groups: ReadonlyMap<string, readonly string[]>): Record<string, string> =>
  Object.fromEntries([...groups].map(([name, values]) => [name, values.join(',')]));

const decoded = (parameters: Readonly<Record<string, string>> | null): Record<string, string> | undefined =>
  parameters === null
    ? undefined
    : Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, decodePercent(value)]));

/** What a Lambda authorizer is told in payload format 1.0. */
export function httpAuthorizerEvent1(call: Routed, methodArn: string, identity: readonly string[]): object {
  const event = httpEvent1({ ...call, identity: ANONYMOUS, body: NO_BODY });
  const joinedIdentity = identity.join(',');
  return {
    version: '1.0',
    type: 'REQUEST',
    methodArn,
    identitySource: joinedIdentity,
    authorizationToken: joinedIdentity,
    resource: event['resource'],
    path: event['path'],
    httpMethod: event['httpMethod'],
    headers: event['headers'],
    ...emptyForNull(event, ['queryStringParameters', 'pathParameters', 'stageVariables']),
    requestContext: event['requestContext'],
  };
}

/** The same in payload format 2.0. */
export function httpAuthorizerEvent2(
  call: Routed,
  routeArn: string,
  identitySource: readonly string[],
): object {
  const {
    version,
    isBase64Encoded: _flag,
    ...event
  } = httpEvent2({ ...call, identity: ANONYMOUS, body: NO_BODY });
  return { version, type: 'REQUEST', routeArn, identitySource, ...event };
}
