/** HTTP data sources of GraphQL APIs: requests as they are, or signed as a role; AWS's own addresses lead back here. */
import type { Now } from '../base/clock.ts';
import type { RoleCredentials } from '../aws/sts/role-credentials.ts';
import type { HttpCall, HttpReply } from '../graphql/ports.ts';
import { createSigningKeys } from '../wire/sigv4/signing-keys.ts';
import { services } from '../wire/services.ts';
import { signRequest } from './sign-request.ts';

export interface GraphqlHttpPorts {
  /** This server. */
  readonly url: () => string;
  readonly roleCredentials: (roleArn: string, sessionName: string) => Promise<RoleCredentials>;
  readonly now: Now;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function createGraphqlHttp({ url, roleCredentials, now, environment }: GraphqlHttpPorts) {
  const signingKeys = createSigningKeys();
  return async (call: HttpCall): Promise<HttpReply> => {
    const target = new URL(call.url);
    const service = awsService(target.hostname);
    const at = service === undefined ? target : rebased(target, endpointOf(service, environment) ?? url());
    const headers = await headersOf(call, at);
    const response = await fetch(at, {
      method: call.method,
      headers,
      redirect: 'manual',
      signal: call.signal,
      ...(call.body !== undefined && call.method !== 'GET' && call.method !== 'HEAD' && { body: call.body }),
    });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  };

  async function headersOf({ method, headers, body, signing }: HttpCall, at: URL): Promise<Headers> {
    if (signing === undefined) return new Headers(headers);
    const raw = Object.entries(headers).flatMap(([name, value]) =>
      name.toLowerCase() === 'host' ? [] : [name, value],
    );
    const signed = signRequest(
      {
        method,
        target: `${at.pathname}${at.search}`,
        rawHeaders: ['Host', at.host, ...raw],
        body: new TextEncoder().encode(body ?? ''),
        service: signing.service,
        region: signing.region,
      },
      await roleCredentials(signing.roleArn, 'AppSync'),
      now(),
      signingKeys,
    );
    const made = new Headers();
    for (let index = 2; index < signed.length; index += 2)
      made.append(signed[index] ?? '', signed[index + 1] ?? '');
    return made;
  }
}

/** The service behind an address of AWS's; undefined for any other address. */
function awsService(host: string): string | undefined {
  if (!host.endsWith('.amazonaws.com')) return undefined;
  const labels = host.split('.');
  return services.find(({ endpointPrefix }) => labels.includes(endpointPrefix))?.id;
}

const endpointOf = (service: string, environment: GraphqlHttpPorts['environment']): string | undefined =>
  environment[`GATEHOUSE_ENDPOINT_${service.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`];

function rebased(target: URL, endpoint: string): URL {
  const at = new URL(endpoint);
  at.pathname = target.pathname;
  at.search = target.search;
  return at;
}
