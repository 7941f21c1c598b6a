/** An X.509 certificate (RFC 5280), signed by an authority's key on the curve P-256. */
import { createHash, type KeyObject, sign } from 'node:crypto';
import { bits, explicit, implicit, integer, octets, oid, sequence, set, time, utf8, yes } from './der.ts';

export interface CertificateWish {
  readonly serial: Uint8Array;
  /** `[['O', 'Gatehouse'], ['CN', 'api.example.com']]`, from the widest to the narrowest. */
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  readonly publicKey: KeyObject;
  /** The issuer's; on the curve P-256. */
  readonly signingKey: KeyObject;
  readonly issuerKey: KeyObject;
  /** What the certificate is for: names and addresses of a server, or the signing of certificates. */
  readonly use:
    | { readonly kind: 'authority' }
    | { readonly kind: 'server'; readonly names: readonly string[]; readonly addresses: readonly string[] };
}

export type DistinguishedName = readonly (readonly [attribute: 'CN' | 'O', value: string])[];

/** PEM, ending in a line feed. */
export function writeCertificate(wish: CertificateWish): string {
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.of(2))),
    integer(wish.serial),
    ECDSA_WITH_SHA256,
    name(wish.issuer),
    sequence(time(wish.notBeforeMs), time(wish.notAfterMs)),
    name(wish.subject),
    wish.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions(wish))),
  );
  const signature = sign('sha256', toBeSigned, wish.signingKey);
  return pem('CERTIFICATE', sequence(toBeSigned, ECDSA_WITH_SHA256, bits(signature)));
}

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));
const ATTRIBUTES = { CN: oid('2.5.4.3'), O: oid('2.5.4.10') };

const name = (parts: DistinguishedName): Buffer =>
  sequence(...parts.map(([attribute, value]) => set(sequence(ATTRIBUTES[attribute], utf8(value)))));

function extensions({ publicKey, issuerKey, use }: CertificateWish): Buffer[] {
  const keys = [
    extension('2.5.29.14', octets(keyId(publicKey))),
    extension('2.5.29.35', sequence(implicit(0, keyId(issuerKey)))),
  ];
  if (use.kind === 'authority')
    return [
      ...keys,
      critical('2.5.29.19', sequence(yes(), integer(Buffer.of(0)))),
      // keyCertSign and cRLSign.
      critical('2.5.29.15', bits(Buffer.of(0b0000_0110), 1)),
    ];
  const names = [
    ...use.names.map((text) => implicit(2, Buffer.from(text))),
    ...use.addresses.map((text) => implicit(7, addressBytes(text))),
  ];
  return [
    ...keys,
    critical('2.5.29.19', sequence()),
    // digitalSignature and keyEncipherment.
    critical('2.5.29.15', bits(Buffer.of(0b1010_0000), 5)),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
    extension('2.5.29.17', sequence(...names)),
  ];
}

const extension = (id: string, value: Uint8Array): Buffer => sequence(oid(id), octets(value));
const critical = (id: string, value: Uint8Array): Buffer => sequence(oid(id), yes(), octets(value));

const keyId = (key: KeyObject): Buffer =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 20);

/** Four bytes, or sixteen of an IPv6 address written in full or as `::1`. */
function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((part) => parseInt(part, 16));
  const [before, after] = [groups(head), groups(tail ?? '')];
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}
