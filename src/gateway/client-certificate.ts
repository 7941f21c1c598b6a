/**
 * What a connection's handshake proved, for mutual TLS. The listener notes it once a connection; a request to a name
 * that asks for certificates is good only on a connection that was made for that very name.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
 */
import type { Domain } from './domains.ts';

/** As events and `$context.identity.clientCert` show it. */
export interface ClientCertificate {
  readonly clientCertPem: string;
  readonly subjectDN: string;
  readonly issuerDN: string;
  /** `a1:b2:c3`. */
  readonly serialNumber: string;
  /** `May 28 12:30:02 2019 GMT`. */
  readonly validity: { readonly notBefore: string; readonly notAfter: string };
}

export interface Handshake {
  /** The custom domain name whose truststore was asked. */
  readonly domainName: string;
  readonly certificate: ClientCertificate;
  /** Why it is not trusted, in AWS's words; null: it is. */
  readonly distrust: string | null;
}

const handshakes = new WeakMap<object, Handshake>();

export const noteHandshake = (socket: object, handshake: Handshake): void => {
  handshakes.set(socket, handshake);
};

/** Undefined where the name asks for no certificate. A string: why the request must be refused. */
export function clientCertificateOf(domain: Domain, socket: object): ClientCertificate | string | undefined {
  const { domainName, mutualTls } = domain.document;
  if (!mutualTls) return undefined;
  const handshake = handshakes.get(socket);
  // Plain HTTP, or a connection opened under another name: nobody asked for a certificate there.
  if (handshake?.domainName !== domainName)
    return 'Access denied. Reason: no client certificate was presented';
  return handshake.distrust ?? handshake.certificate;
}
