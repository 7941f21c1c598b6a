/** An X.509 certificate signed by its own key (RFC 5280), written as DER by hand: node makes keys and signatures only. */
import { generateKeyPair, sign } from 'node:crypto';
import { promisify } from 'node:util';

interface CertificateWish {
  readonly commonName: string;
  readonly serial: Uint8Array;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

interface MadeCertificate {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export async function selfSignedCertificate(wish: CertificateWish): Promise<MadeCertificate> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const name = sequence(set(sequence(COMMON_NAME, utf8(wish.commonName))));
  const toBeSigned = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(wish.serial),
    SHA256_WITH_RSA,
    name,
    sequence(utcTime(wish.notBeforeMs), utcTime(wish.notAfterMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = sequence(toBeSigned, SHA256_WITH_RSA, bitString(signature));
  return {
    certificatePem: pem('CERTIFICATE', certificate),
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function element(tag: number, content: Uint8Array): Buffer {
  const size = content.length;
  if (size < 0x80) return Buffer.concat([Buffer.of(tag, size), content]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(size);
  const length = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length), length, content]);
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => element(0x30, Buffer.concat(parts));
const set = (...parts: readonly Uint8Array[]): Buffer => element(0x31, Buffer.concat(parts));
const explicit = (number: number, part: Uint8Array): Buffer => element(0xa0 | number, part);
const utf8 = (text: string): Buffer => element(0x0c, Buffer.from(text));
const bitString = (bytes: Uint8Array): Buffer => element(0x03, Buffer.concat([Buffer.of(0), bytes]));

/** Positive: a leading zero where the first bit is set. */
function integer(bytes: Uint8Array): Buffer {
  const positive = (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
  return element(0x02, positive);
}

/** `YYMMDDhhmmssZ`; good until 2049. */
const utcTime = (ms: number): Buffer =>
  element(0x17, Buffer.from(`${new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));

/** 2.5.4.3 */
const COMMON_NAME = element(0x06, Buffer.of(0x55, 0x04, 0x03));
/** 1.2.840.113549.1.1.11, with its NULL */
const SHA256_WITH_RSA = sequence(
  element(0x06, Buffer.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b)),
  element(0x05, Buffer.alloc(0)),
);

function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----`;
}
