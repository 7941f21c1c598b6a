/** HTTP calls to API destinations and to REST APIs. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html */
import type {
  ConnectionHttpParameters,
  CreateConnectionAuthRequestParameters,
  HttpParameters,
} from '@aws-sdk/client-eventbridge';
import type { Arn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { findDestination } from './api-destination.ts';
import { findConnection } from './connection.ts';
import type { DeliveryRow } from './delivering.ts';
import type { EventsRoom } from './room.ts';

/** `arn:...:execute-api:region:account:apiId/stage/METHOD/path`. */
export async function callApi(room: EventsRoom, arn: Arn, { target, text }: DeliveryRow): Promise<void> {
  const [apiId = '', stage = '', method = 'POST', ...path] = arn.resource.split('/');
  const url = new URL(
    `${room.url()}/_aws/execute-api/${apiId}/${stage}/${filled(path.join('/'), target.HttpParameters)}`,
  );
  await send(url, method, { parameters: target.HttpParameters, text, headers: {} });
}

export async function callDestination(
  room: EventsRoom,
  scope: Scope,
  resource: string,
  { target, text }: DeliveryRow,
): Promise<void> {
  const destination = await findDestination(room.store, scope, resource.split('/')[1]);
  const connection = await findConnection(room.store, scope, destination.connectionArn);
  if (connection.state !== 'AUTHORIZED')
    throw new Fault('InvalidStateException', 'the connection is not authorized');
  const secret = JSON.parse(
    (await room.authority()).open(connection.sealed),
  ) as CreateConnectionAuthRequestParameters; // what was sealed
  const url = new URL(filled(destination.endpoint, target.HttpParameters));
  for (const { Key, Value } of secret.InvocationHttpParameters?.QueryStringParameters ?? [])
    url.searchParams.set(Key ?? '', Value ?? '');
  await send(url, destination.method, {
    parameters: target.HttpParameters,
    text: withBody(text, secret.InvocationHttpParameters),
    headers: { ...headersOf(secret.InvocationHttpParameters), ...(await proofOf(secret)) },
  });
}

/** Each `*` is the next path parameter. */
function filled(path: string, parameters: HttpParameters | undefined): string {
  const values = [...(parameters?.PathParameterValues ?? [])];
  return path.replace(/\*/g, () => encodeURIComponent(values.shift() ?? ''));
}

const headersOf = (parameters: ConnectionHttpParameters | undefined): Record<string, string> =>
  Object.fromEntries((parameters?.HeaderParameters ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

/** Members that the connection adds to a JSON object. */
function withBody(text: string, parameters: ConnectionHttpParameters | undefined): string {
  const added = parameters?.BodyParameters ?? [];
  if (added.length === 0) return text;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return text;
    return JSON.stringify({
      ...body,
      ...Object.fromEntries(added.map(({ Key, Value }) => [Key ?? '', Value])),
    });
  } catch {
    return text;
  }
}

async function proofOf(secret: CreateConnectionAuthRequestParameters): Promise<Record<string, string>> {
  const { BasicAuthParameters: basic, ApiKeyAuthParameters: key, OAuthParameters: oauth } = secret;
  if (basic)
    return {
      Authorization: `Basic ${Buffer.from(`${basic.Username}:${basic.Password}`).toString('base64')}`,
    };
  if (key) return { [key.ApiKeyName ?? '']: key.ApiKeyValue ?? '' };
  return oauth ? { Authorization: `Bearer ${await tokenOf(oauth)}` } : {};
}

type OAuth = NonNullable<CreateConnectionAuthRequestParameters['OAuthParameters']>;

/** By client credentials, anew for each call: nothing of it is kept. */
async function tokenOf({
  AuthorizationEndpoint,
  HttpMethod,
  ClientParameters,
  OAuthHttpParameters,
}: OAuth): Promise<string> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: ClientParameters?.ClientID ?? '',
    client_secret: ClientParameters?.ClientSecret ?? '',
  });
  for (const { Key, Value } of OAuthHttpParameters?.BodyParameters ?? []) form.set(Key ?? '', Value ?? '');
  const url = new URL(AuthorizationEndpoint ?? '');
  for (const { Key, Value } of OAuthHttpParameters?.QueryStringParameters ?? [])
    url.searchParams.set(Key ?? '', Value ?? '');
  const answer = await fetch(url, {
    method: HttpMethod ?? 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headersOf(OAuthHttpParameters) },
    ...(HttpMethod === 'GET' ? {} : { body: form }),
    signal: AbortSignal.timeout(limits.eventApiMs),
  });
  const body: unknown = await answer.json();
  const token: unknown =
    typeof body === 'object' && body !== null ? Reflect.get(body, 'access_token') : undefined;
  if (answer.ok && typeof token === 'string') return token;
  throw new Fault('InvalidAuthorization', `the authorization endpoint answered ${answer.status}`);
}

interface Sending {
  readonly parameters: HttpParameters | undefined;
  readonly text: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Tried again: 401, 407, 409, 429 and all of 500 and above. */
async function send(url: URL, method: string, { parameters, text, headers }: Sending): Promise<void> {
  for (const [name, value] of Object.entries(parameters?.QueryStringParameters ?? {}))
    url.searchParams.set(name, value);
  const answer = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': 'Amazon/EventBridge/ApiDestinations',
      ...parameters?.HeaderParameters,
      ...headers,
    },
    ...(method === 'GET' || method === 'HEAD' ? {} : { body: text }),
    signal: AbortSignal.timeout(limits.eventApiMs),
  });
  await answer.body?.cancel();
  if (answer.ok) return;
  const isFinal = answer.status < 500 && ![401, 407, 409, 429].includes(answer.status);
  throw new Fault(isFinal ? 'InvalidRequest' : 'SDK_CLIENT_ERROR', `the endpoint answered ${answer.status}`);
}
