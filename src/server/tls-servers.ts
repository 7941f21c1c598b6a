/**
 * Who answers a TLS handshake, by the name it asks for: one `tls` server a name, never listening itself, because a name
 * has its own certificate, its own least version and perhaps clients' certificates to ask for. docs/decisions/tls.md.
 */
import { generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Now } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import type { Scope } from '../base/scope.ts';
import { noteHandshake } from '../gateway/client-certificate.ts';
import type { Domain } from '../gateway/domains.ts';
import type { LocalAuthority } from '../neighbours/acm/local-authority.ts';
import { shownCertificate } from './client-trust.ts';
import { tlsLimits } from './tls-policy.ts';

export interface TlsPorts {
  readonly authority: () => Promise<LocalAuthority>;
  readonly domainOf: (host: string) => Domain | null | Promise<Domain | null>;
  /** Of a certificate in ACM; undefined when it is gone. */
  readonly keyAndChain: (
    scope: Scope,
    certificateArn: string,
  ) => Promise<{ readonly keyPem: string; readonly chainPem: string } | undefined>;
  /** The authorities a name trusts, PEM; undefined when there are none. */
  readonly truststore: (scope: Scope, domainName: string) => Promise<string | undefined>;
  readonly now: Now;
}

/** Throws when the name cannot be served: the handshake then fails. */
export type TlsServerFor = (serverName: string | undefined) => Promise<Server>;

const DAY_MS = 86_400_000;

interface Made {
  readonly server: Promise<Server>;
  readonly madeAt: number;
}

/** Made anew every day, so that a certificate that was renewed is shown. */
export function createTlsServers(ports: TlsPorts, onSecure: (socket: TLSSocket) => void): TlsServerFor {
  const ofDomains = new WeakMap<Domain, Made>();
  const ofNames = new Map<string, Made>();
  const kept = (
    known: Made | undefined,
    make: () => Promise<Server>,
    keep: (made: Made) => void,
  ): Promise<Server> => {
    if (known !== undefined && ports.now() - known.madeAt < DAY_MS) return known.server;
    const made = { server: make(), madeAt: ports.now() };
    keep(made);
    // A failure is not remembered.
    made.server.catch(() => keep({ server: made.server, madeAt: Number.NEGATIVE_INFINITY }));
    return made.server;
  };
  const own = createOwnCertificates(ports);
  return async (serverName) => {
    const domain = serverName === undefined ? null : await ports.domainOf(serverName);
    if (domain !== null)
      return kept(
        ofDomains.get(domain),
        () => domainServer(ports, domain, onSecure),
        (made) => ofDomains.set(domain, made),
      );
    const name = serverName ?? 'localhost';
    return kept(
      ofNames.get(name),
      async () => secureServer(await own(name), onSecure),
      (made) => {
        if (ofNames.size >= limits.tlsNamesKept) ofNames.delete(ofNames.keys().next().value ?? '');
        ofNames.set(name, made);
      },
    );
  };
}

interface Material {
  readonly key: string;
  readonly cert: string;
}

/** HTTP/2 is not spoken: APIs are called by HTTP/1.1 as AWS's Regional endpoints take it. */
const secureServer = (material: Material, onSecure: (socket: TLSSocket) => void): Server =>
  createServer({ ...material, ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' }, onSecure);

async function domainServer(
  ports: TlsPorts,
  { document }: Domain,
  onSecure: (socket: TLSSocket) => void,
): Promise<Server> {
  const { scope, domainName, certificateArn = '', securityPolicy, endpointType, mutualTls } = document;
  const region = endpointType === 'EDGE' ? 'us-east-1' : scope.region;
  const found = await ports.keyAndChain({ ...scope, region }, certificateArn);
  if (found === undefined) throw new Error(`${domainName}: its certificate ${certificateArn} is gone`);
  const usual = {
    key: found.keyPem,
    cert: found.chainPem,
    ALPNProtocols: ['http/1.1'],
    ...tlsLimits(securityPolicy),
  };
  if (!mutualTls) return createServer(usual, onSecure);
  const ca = await ports.truststore(scope, domainName);
  if (ca === undefined) throw new Error(`${domainName}: its truststore is gone`);
  // A client with a certificate that is not trusted is answered 403, so the handshake lets it in.
  return createServer(
    { ...usual, ca, requestCert: true, rejectUnauthorized: false, sessionTimeout: 1 },
    (socket) => {
      const shown = shownCertificate(socket);
      if (shown === undefined) return void socket.destroy();
      noteHandshake(socket, { domainName, ...shown });
      onSecure(socket);
    },
  );
}

/** Certificates of the local authority for names nobody brought one for: all with one key of this process. */
function createOwnCertificates({ authority, now }: TlsPorts): (name: string) => Promise<Material> {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return async (name) => {
    const local = await authority();
    const notBeforeMs = now() - DAY_MS;
    const isAddress = isIP(name) !== 0;
    const cert = local.issue({
      commonName: name,
      names: isAddress ? ['localhost'] : name === 'localhost' ? [name, '*.localhost'] : [name],
      addresses: isAddress ? [name] : name === 'localhost' ? ['127.0.0.1', '::1'] : [],
      publicKey,
      notBeforeMs,
      notAfterMs: notBeforeMs + 30 * DAY_MS,
    });
    return { key, cert: cert + local.certificatePem };
  };
}
