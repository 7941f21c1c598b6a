/** From a custom domain name to the API and stage behind it. */
import type { IncomingMessage } from 'node:http';
import { clientCertificateOf } from './client-certificate.ts';
import { type Domain, hostNameOf } from './domains.ts';
import { type ApiTarget, mappedTarget, withoutOrigin } from './target.ts';

/** Private names are only known inside of a VPC, through an endpoint: nobody comes to them from here. */
export function targetBehind({ document, route }: Domain, message: IncomingMessage): ApiTarget | null {
  if (document.endpointType === 'PRIVATE') return null;
  const rawTarget = withoutOrigin(message.url ?? '/');
  const found = route(rawTarget.split('?', 1)[0] ?? '/', message.rawHeaders);
  if (found === null) return null;
  const host = message.headers.host ?? document.domainName;
  const client = clientCertificateOf({ document, route }, message.socket);
  return mappedTarget(found, { host, domainName: hostNameOf(host), rawTarget }, client);
}
