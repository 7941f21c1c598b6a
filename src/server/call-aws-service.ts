/** Integrations of type AWS: a signed request to a service of this server, or to the endpoint that is set for it. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Now } from '../base/clock.ts';
import { Fault } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { FindAccessKey } from '../base/ports.ts';
import type { Scope } from '../base/scope.ts';
import type { AwsServiceReply, AwsServiceRequest, CallAwsService } from '../gateway/ports.ts';
import { type ServiceRow, services } from '../wire/services.ts';
import { createSigningKeys } from '../wire/sigv4/signing-keys.ts';
import { requestOfAction } from './aws-action.ts';
import { type SigningCredentials, signRequest } from './sign-request.ts';

export interface CallAwsServiceOptions {
  /** This server. */
  readonly url: () => string;
  readonly auth: 'open' | 'enforce';
  readonly now: Now;
  readonly roleCredentials: (roleArn: string, sessionName: string) => Promise<SigningCredentials>;
  readonly roleTrusts: (roleArn: string, service: string) => Promise<boolean>;
  readonly findAccessKey: FindAccessKey;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The session API Gateway itself takes of an integration's role. */
const SESSION_NAME = 'BackplaneAssumeRoleSession';

const rows: readonly ServiceRow[] = services;

export function createCallAwsService(options: CallAwsServiceOptions): CallAwsService {
  const signingKeys = createSigningKeys();
  return async (call) => {
    const row = rowOf(call.service);
    const elsewhere = endpointElsewhere(options.environment, call.service, row);
    const request = await composed(call, row, elsewhere);
    const credentials = await credentialsFor(options, call, elsewhere !== undefined);
    const headers = signRequest(
      { ...request, service: row?.signingName ?? lastLabel(call.service), region: call.region },
      credentials,
      options.now(),
      signingKeys,
    );
    return send(new URL(elsewhere ?? options.url()), { ...request, rawHeaders: headers }, call.signal);
  };
}

const lastLabel = (service: string): string => service.split('.').at(-1) ?? service;

/** `sqs`, `states`, `runtime.lex`: the endpoint's name, its last label, or the name it signs with. */
const rowOf = (service: string): ServiceRow | undefined =>
  rows.find(({ endpointPrefix }) => endpointPrefix === service) ??
  rows.find(({ endpointPrefix }) => endpointPrefix === lastLabel(service)) ??
  rows.find(({ id, signingName }) => id === lastLabel(service) || signingName === lastLabel(service));

/** `GATEHOUSE_ENDPOINT_STEPFUNCTIONS`, or `..._STATES` as integrations call it. */
function endpointElsewhere(
  environment: CallAwsServiceOptions['environment'],
  service: string,
  row: ServiceRow | undefined,
): string | undefined {
  for (const name of [row?.id, row?.endpointPrefix, service]) {
    const set = name && environment[`GATEHOUSE_ENDPOINT_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`];
    if (set) return set;
  }
  return undefined;
}

interface Composed {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

async function composed(
  call: AwsServiceRequest,
  row: ServiceRow | undefined,
  elsewhere: string | undefined,
): Promise<Composed> {
  const { action, body } = call;
  if (action === undefined)
    return { method: call.method, target: call.target, rawHeaders: headersOf(call, [], elsewhere), body };
  const sent = await requestOfAction(row, action, body);
  const query = [
    ...sent.query.map(([name, value]) => `${encodeURIComponent(name)}=${encoded(value)}`),
    ...(call.target.includes('?') ? [call.target.slice(call.target.indexOf('?') + 1)] : []),
  ].join('&');
  return {
    method: sent.method ?? call.method,
    target: query === '' ? sent.path : `${sent.path}?${query}`,
    rawHeaders: headersOf(call, sent.headers, elsewhere),
    body,
  };
}

/** What stands encoded in the URI stays as it is. */
const encoded = (value: string): string =>
  /%[0-9A-Fa-f]{2}/.test(value) ? value : encodeURIComponent(value);

/** Mapped ones over the action's own over the usual; the signature is never the client's. */
function headersOf(
  { rawHeaders, usualHeaders }: AwsServiceRequest,
  action: readonly string[],
  elsewhere: string | undefined,
): string[] {
  const headers: string[] = [];
  const named = new Set(['authorization', 'content-length']);
  for (const list of [rawHeaders, action, usualHeaders]) {
    const names: string[] = [];
    for (let at = 0; at < list.length; at += 2) {
      const [name = '', value = ''] = [list[at], list[at + 1]];
      if (named.has(name.toLowerCase())) continue;
      names.push(name.toLowerCase());
      headers.push(name, name === 'Host' && elsewhere !== undefined ? new URL(elsewhere).host : value);
    }
    for (const name of names) named.add(name);
  }
  return headers;
}

async function credentialsFor(
  options: CallAwsServiceOptions,
  { credentials, scope }: AwsServiceRequest,
  elsewhere: boolean,
): Promise<SigningCredentials> {
  const own = ownCredentials(options.environment);
  // A session of this server's roles means nothing to another endpoint.
  if (elsewhere && own !== undefined) return own;
  switch (credentials.kind) {
    case 'role':
      return roleOf(options, credentials.roleArn);
    case 'caller': {
      const key = await options.findAccessKey(credentials.caller.accessKeyId);
      if (key === undefined) throw denied('The credentials of the caller are not known here');
      return { accessKeyId: credentials.caller.accessKeyId, ...key };
    }
    case 'none':
      if (options.auth === 'enforce') throw denied('Role ARN must be specified for AWS integrations');
      return rootOf(scope);
    default:
      return credentials satisfies never;
  }
}

const denied = (text: string): Fault => new Fault('AccessDeniedException', text);

/** In open mode an access key of twelve digits is its account's root. */
const rootOf = ({ account }: Scope): SigningCredentials => ({
  accessKeyId: account,
  secretAccessKey: 'test',
});

async function roleOf(options: CallAwsServiceOptions, roleArn: string): Promise<SigningCredentials> {
  if (options.auth === 'enforce' && !(await options.roleTrusts(roleArn, 'apigateway.amazonaws.com')))
    throw denied('API Gateway does not have permission to assume the provided role');
  return options.roleCredentials(roleArn, SESSION_NAME);
}

function ownCredentials(environment: CallAwsServiceOptions['environment']): SigningCredentials | undefined {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

function send(endpoint: URL, request: Composed, signal: AbortSignal): Promise<AwsServiceReply> {
  const make = endpoint.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = make(
      {
        host: endpoint.hostname.replace(/^\[|\]$/g, ''),
        port: endpoint.port,
        method: request.method,
        path: request.target,
        headers: [...request.rawHeaders, 'Content-Length', String(request.body.byteLength)],
        signal,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        let size = 0;
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > limits.apiGatewayPayloadBytes) outgoing.destroy(tooLong());
          else chunks.push(chunk);
        });
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 502,
            rawHeaders: incoming.rawHeaders,
            body: Buffer.concat(chunks, size),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(request.body);
  });
}

const tooLong = (): Error =>
  new Error(`Integration response is larger than allowed maximum of ${limits.apiGatewayPayloadBytes} bytes.`);
