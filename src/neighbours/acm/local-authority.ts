/**
 * The certificate authority of this server. It signs what ACM issues and what the listener shows for names nobody
 * brought a certificate for. Its key is a file in the data folder that only its owner may read; the keys of
 * certificates are sealed with it before they become rows. docs/decisions/tls.md.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hkdfSync,
  type KeyObject,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { Now } from '../../base/clock.ts';
import { type DistinguishedName, writeCertificate } from './write-certificate.ts';

export interface LocalAuthority {
  readonly certificatePem: string;
  readonly issuerName: string;
  /** A server certificate, PEM. */
  issue(wish: ServerCertificateWish): string;
  /** For what must not lie in a row as it is. */
  seal(secret: string): string;
  /** Throws when another authority sealed it. */
  open(sealed: string): string;
}

export interface ServerCertificateWish {
  readonly commonName: string;
  readonly names: readonly string[];
  readonly addresses?: readonly string[];
  readonly publicKey: KeyObject;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

const TEN_YEARS_MS = 10 * 365 * 86_400_000;
/** Clocks of clients may be behind. */
const ALLOWED_SKEW_MS = 86_400_000;
const NAME = 'Gatehouse local authority';

/** `file` holds key and certificate, or will; null keeps them in memory. */
export async function openLocalAuthority(file: string | null, now: Now): Promise<LocalAuthority> {
  const text = file === null ? await makeAuthority(now()) : await readOrMake(file, now);
  const key = createPrivateKey(text);
  const publicKey = createPublicKey(key);
  const certificatePem = text.slice(text.indexOf('-----BEGIN CERTIFICATE-----'));
  const commonName = /CN=(.*)/.exec(new X509Certificate(certificatePem).subject)?.[1] ?? NAME;
  const issuer: DistinguishedName = [
    ['O', 'Gatehouse'],
    ['CN', commonName],
  ];
  const sealingKey = Buffer.from(
    hkdfSync('sha256', key.export({ type: 'pkcs8', format: 'der' }), '', 'sealed rows', 32),
  );
  return {
    certificatePem,
    issuerName: commonName,
    issue: ({ commonName: subject, names, addresses = [], ...wish }) =>
      writeCertificate({
        ...wish,
        serial: newSerial(),
        subject: [['CN', subject.slice(0, 64)]],
        issuer,
        signingKey: key,
        issuerKey: publicKey,
        use: { kind: 'server', names, addresses },
      }),
    seal: (secret) => seal(sealingKey, secret),
    open: (sealed) => open(sealingKey, sealed),
  };
}

async function readOrMake(file: string, now: Now): Promise<string> {
  const known = await readFile(file, 'utf8').catch(ifMissing);
  if (known !== undefined) return known;
  await mkdir(dirname(file), { recursive: true });
  const made = `${file}.${randomBytes(4).toString('hex')}`;
  await writeFile(made, await makeAuthority(now()), { mode: 0o600 });
  await chmod(made, 0o600);
  // Whole or not there: of two that come at the same time, the first link stays.
  await link(made, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(made);
  return readFile(file, 'utf8');
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
  return undefined;
}

async function makeAuthority(nowMs: number): Promise<string> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'prime256v1' });
  const serial = newSerial();
  const own: DistinguishedName = [
    ['O', 'Gatehouse'],
    // Several servers of one machine have several authorities: told apart in a list of trusted ones.
    ['CN', `${NAME} ${Buffer.from(serial.subarray(1, 5)).toString('hex')}`],
  ];
  const certificate = writeCertificate({
    serial,
    subject: own,
    issuer: own,
    notBeforeMs: nowMs - ALLOWED_SKEW_MS,
    notAfterMs: nowMs + TEN_YEARS_MS,
    publicKey,
    issuerKey: publicKey,
    signingKey: privateKey,
    use: { kind: 'authority' },
  });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() + certificate;
}

/** Sixteen bytes, positive. */
function newSerial(): Uint8Array {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  return serial;
}

function seal(key: Uint8Array, secret: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const hidden = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), hidden]).toString('base64');
}

function open(key: Uint8Array, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}
