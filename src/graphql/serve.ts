/** `POST /graphql`: reads a request, answers it. https://docs.aws.amazon.com/appsync/latest/devguide/using-your-api.html */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { reasonOf } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { Log } from '../base/log.ts';
import type { WebAclRequest } from '../base/ports.ts';
import { newRequestId, type GraphqlEngine } from './engine.ts';
import { RequestError } from './errors.ts';

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers':
    'x-amzn-RequestId,x-amzn-ErrorType,x-amz-user-agent,x-amzn-ErrorMessage,Date,x-amz-schema-version',
};

export function createGraphqlServer(engine: GraphqlEngine, log: Log) {
  return async (request: IncomingMessage, response: ServerResponse, apiId: string): Promise<void> => {
    const requestId = newRequestId();
    const send = (status: number, body: object, more: Readonly<Record<string, string>> = {}): void => {
      const text = JSON.stringify(body);
      response.writeHead(status, {
        'Content-Type': 'application/json;charset=UTF-8',
        'Content-Length': String(Buffer.byteLength(text)),
        'x-amzn-RequestId': requestId,
        ...CORS,
        ...more,
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    if (request.method === 'OPTIONS') return preflight(request, response, requestId);
    const away = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) away.abort();
    });
    try {
      if (request.method !== 'POST')
        throw new RequestError(405, 'MethodNotAllowedException', 'Method not allowed');
      const api = await engine.open(apiId);
      if (api === undefined)
        throw new RequestError(404, 'NotFoundException', `GraphQL API ${apiId} not found.`);
      const body = await readBody(request);
      await engine.inspect(api, webAclRequest(request, body));
      const headers = flat(request);
      const asked = readQuery(body);
      const identity = await engine.authorize(api, {
        headers,
        sourceIp: request.socket.remoteAddress ?? '',
        requestId,
        signed: { method: 'POST', target: request.url ?? '/', rawHeaders: request.rawHeaders, body },
        query: { text: asked.query, operationName: asked.operationName, variables: asked.variables },
      });
      const domainName = headers['host']?.includes('.appsync-api.') === true ? headers['host'] : null;
      const { answer, headers: added } = await engine.run(api, identity, {
        ...asked,
        headers,
        domainName,
        requestId,
        signal: away.signal,
      });
      const size = Buffer.byteLength(JSON.stringify(answer));
      if (size > limits.appsyncResponseBytes)
        throw new RequestError(
          413,
          'ResponseTooLarge',
          `The response is larger than ${limits.appsyncResponseBytes} bytes.`,
        );
      send(200, answer, added);
    } catch (thrown) {
      if (response.headersSent) return void response.end();
      if (!(thrown instanceof RequestError)) {
        log('error', 'a GraphQL request failed', { apiId, reason: reasonOf(thrown) });
        return send(
          500,
          {
            errors: [
              {
                errorType: 'InternalFailure',
                message: 'An internal failure occurred while processing the request.',
              },
            ],
          },
          { 'x-amzn-ErrorType': 'InternalFailure' },
        );
      }
      if (thrown.response !== undefined) {
        response.writeHead(thrown.status, { 'x-amzn-RequestId': requestId, ...thrown.response.headers });
        return void response.end(thrown.response.body);
      }
      send(
        thrown.status,
        { errors: [{ errorType: thrown.errorType, message: thrown.message }] },
        { 'x-amzn-ErrorType': thrown.errorType },
      );
    }
  };
}

function preflight(request: IncomingMessage, response: ServerResponse, requestId: string): void {
  response.writeHead(200, {
    ...CORS,
    'x-amzn-RequestId': requestId,
    'Access-Control-Allow-Methods': 'POST,OPTIONS',
    'Access-Control-Allow-Headers': request.headers['access-control-request-headers'] ?? '*',
    'Access-Control-Max-Age': '172800',
    'Content-Length': '0',
  });
  response.end();
}

/** `body`: what was read of it; empty where there is none. */
export function webAclRequest(request: IncomingMessage, body: Uint8Array): WebAclRequest {
  const { url = '/', method = 'GET' } = request;
  const mark = url.indexOf('?');
  return {
    method,
    rawPath: mark < 0 ? url : url.slice(0, mark),
    rawQuery: mark < 0 ? '' : url.slice(mark + 1),
    rawHeaders: request.rawHeaders,
    sourceIp: request.socket.remoteAddress ?? '',
    protocol: `HTTP/${request.httpVersion}`,
    body: async (mostBytes) => body.subarray(0, mostBytes),
  };
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limits.appsyncRequestBytes)
      throw new RequestError(
        413,
        'RequestEntityTooLargeException',
        `Request body is larger than ${limits.appsyncRequestBytes} bytes.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Several values of a name are one, as AppSync shows them. */
function flat({ headers }: Pick<IncomingMessage, 'headers'>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

function readQuery(body: Uint8Array) {
  const malformed = (message: string): RequestError =>
    new RequestError(400, 'MalformedHttpRequestException', message);
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw malformed('Request body is not a valid JSON.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw malformed('Unable to parse GraphQL query.');
  const { query, operationName, variables } = parsed as Record<string, unknown>;
  if (typeof query !== 'string' || query.trim() === '') throw malformed('Unable to parse GraphQL query.');
  const named = typeof operationName === 'string' && operationName !== '' ? operationName : undefined;
  if (
    variables !== undefined &&
    variables !== null &&
    (typeof variables !== 'object' || Array.isArray(variables))
  )
    throw malformed('Unable to parse GraphQL query: variables must be an object.');
  return { query, operationName: named, variables: (variables ?? {}) as Readonly<Record<string, unknown>> };
}
