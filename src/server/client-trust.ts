/**
 * What mutual TLS makes of a client's certificate.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
 */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { limits } from '../base/limits.ts';
import type { ClientCertificate } from '../gateway/client-certificate.ts';

export interface ShownCertificate {
  readonly certificate: ClientCertificate;
  /** Why it is not trusted, in AWS's words; null: it is. */
  readonly distrust: string | null;
}

/** After the handshake. Undefined: the client showed none. */
export function shownCertificate(socket: TLSSocket): ShownCertificate | undefined {
  const chain = chainOf(socket.getPeerCertificate(true));
  const [own] = chain;
  return own === undefined
    ? undefined
    : { certificate: clientCertificate(own), distrust: distrustOf(socket, chain) };
}

function chainOf(peer: DetailedPeerCertificate | undefined): X509Certificate[] {
  const chain: X509Certificate[] = [];
  // The root names itself as its issuer; one more than allowed is enough to see that it is too long.
  for (
    let at = peer;
    at?.raw !== undefined && chain.length <= limits.clientCertificateChain;
    at = at.issuerCertificate
  ) {
    chain.push(new X509Certificate(at.raw));
    if (at.issuerCertificate === at) break;
  }
  return chain;
}

const clientCertificate = (certificate: X509Certificate): ClientCertificate => ({
  clientCertPem: certificate.toString(),
  subjectDN: oneLine(certificate.subject),
  issuerDN: oneLine(certificate.issuer),
  serialNumber: (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
  validity: { notBefore: certificate.validFrom, notAfter: certificate.validTo },
});

const oneLine = (name: string): string => name.split('\n').join(',');

/** https://repost.aws/knowledge-center/api-gateway-mutual-tls-403-errors */
const REASONS: Readonly<Record<string, string>> = {
  UNABLE_TO_GET_ISSUER_CERT: 'Could not find issuer for certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Could not find issuer for certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Could not find issuer for certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self signed certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'self signed certificate in certificate chain',
  CERT_HAS_EXPIRED: 'certificate has expired',
  CERT_NOT_YET_VALID: 'certificate is not yet valid',
  CERT_CHAIN_TOO_LONG: 'certificate chain too long',
};

function distrustOf(socket: TLSSocket, chain: readonly X509Certificate[]): string | null {
  const reason = chain.some(isWeak)
    ? 'Client cert using an insecure Signature Algorithm'
    : verdictOf(socket, chain);
  return reason === null ? null : `Access denied. Reason: ${reason}`;
}

function verdictOf(socket: TLSSocket, chain: readonly X509Certificate[]): string | null {
  if (!socket.authorized) {
    const code = String(socket.authorizationError ?? 'UNKNOWN');
    return REASONS[code] ?? code.toLowerCase().replaceAll('_', ' ');
  }
  return chain.length > limits.clientCertificateChain ? 'certificate chain too long' : null;
}

/** SHA-256 or stronger, RSA of 2,048 bits or stronger. A root's signature of itself proves nothing and is not looked at. */
function isWeak(certificate: X509Certificate): boolean {
  // Newer than the types that we have of it.
  const { signatureAlgorithm = '' } = certificate as X509Certificate & {
    readonly signatureAlgorithm?: string;
  };
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  const isRoot = certificate.subject === certificate.issuer;
  return (
    (!isRoot && /md5|sha1/i.test(signatureAlgorithm)) ||
    (type === 'rsa' && (details?.modulusLength ?? 0) < 2048)
  );
}
