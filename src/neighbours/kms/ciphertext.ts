/** Ciphertexts of symmetric keys: they name their key and its version, so that decrypting needs no key id. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { badCiphertext } from './fault.ts';

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export type EncryptionContext = Readonly<Record<string, string>>;

export interface Header {
  readonly keyId: string;
  readonly version: number;
}

/** Format, length of the key id, key id, version, then what AES-256-GCM makes of it. */
export function encryptUnder(
  key: Buffer,
  header: Header,
  plaintext: Uint8Array,
  context: EncryptionContext | undefined,
): Uint8Array {
  const head = headOf(header);
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  cipher.setAAD(Buffer.concat([head, contextBytes(context)]));
  const encrypted = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return new Uint8Array(Buffer.concat([head, iv, cipher.getAuthTag(), encrypted]));
}

const headOf = ({ keyId, version }: Header): Buffer => {
  const id = Buffer.from(keyId);
  const numbers = Buffer.alloc(2);
  numbers.writeUInt16BE(version);
  return Buffer.concat([Buffer.from([FORMAT, id.byteLength]), id, numbers]);
};

/** Throws InvalidCiphertextException for what we never made. */
export function readHeader(blob: Uint8Array): Header {
  const bytes = Buffer.from(blob);
  const idLength = bytes[1] ?? 0;
  if (bytes[0] !== FORMAT || bytes.byteLength < 4 + idLength + IV_BYTES + TAG_BYTES) throw badCiphertext();
  return { keyId: bytes.subarray(2, 2 + idLength).toString(), version: bytes.readUInt16BE(2 + idLength) };
}

/** Throws InvalidCiphertextException when the key or the context is another one. */
export function decryptUnder(
  key: Buffer,
  blob: Uint8Array,
  context: EncryptionContext | undefined,
): Uint8Array {
  const bytes = Buffer.from(blob);
  const head = bytes.subarray(0, 4 + (bytes[1] ?? 0));
  const rest = bytes.subarray(head.byteLength);
  const decipher = createDecipheriv('aes-256-gcm', key, rest.subarray(0, IV_BYTES));
  decipher.setAAD(Buffer.concat([head, contextBytes(context)]));
  decipher.setAuthTag(rest.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    return new Uint8Array(
      Buffer.concat([decipher.update(rest.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]),
    );
  } catch {
    throw badCiphertext();
  }
}

/** In an order that does not depend on the caller's. */
const contextBytes = (context: EncryptionContext | undefined): Buffer =>
  Buffer.from(JSON.stringify(Object.entries(context ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))));
