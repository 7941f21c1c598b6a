/** Integrations of type AWS: a raw request to a service of this server, or to the endpoint that is set for it. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Fault } from '../base/fault.ts';
import type { AwsServiceReply, AwsServiceRequest, CallAwsService } from '../gateway/ports.ts';

/**
 * `url` is this server. The call is made as root of the API's account, which is what an integration's role amounts to
 * in open mode; with signatures enforced it is refused until it can be signed as that role.
 */
export function createCallAwsService(url: () => string, auth: 'open' | 'enforce'): CallAwsService {
  return async (call) => {
    if (auth === 'enforce')
      throw new Fault(
        'AccessDeniedException',
        'AWS service integrations with --auth enforce: not supported by gatehouse',
      );
    const endpoint = new URL(
      process.env[`GATEHOUSE_ENDPOINT_${call.service.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`] ?? url(),
    );
    return send(endpoint, call, [
      ...withoutHeader(call.rawHeaders, 'authorization'),
      'Authorization',
      authorizationOf(call),
    ]);
  };
}

/** Names the account, the region and the service; open mode checks no signature. */
function authorizationOf({ scope, region, service }: AwsServiceRequest): string {
  const date = new Date().toISOString().slice(0, 10).replace(/-/g, '');
  return `AWS4-HMAC-SHA256 Credential=${scope.account}/${date}/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

function withoutHeader(rawHeaders: readonly string[], name: string): string[] {
  const kept: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [header = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]];
    if (header.toLowerCase() !== name) kept.push(header, value);
  }
  return kept;
}

function send(endpoint: URL, call: AwsServiceRequest, headers: string[]): Promise<AwsServiceReply> {
  const make = endpoint.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const outgoing = make(
      {
        host: endpoint.hostname.replace(/^\[|\]$/g, ''),
        port: endpoint.port,
        method: call.method,
        path: call.target,
        headers: [...headers, 'Content-Length', String(call.body.byteLength)],
        signal: call.signal,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 502,
            rawHeaders: incoming.rawHeaders,
            body: Buffer.concat(chunks),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(call.body);
  });
}
