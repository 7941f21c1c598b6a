/**
 * Signing and checking a digest that the caller made. `node:crypto` hashes whatever it is given, so what is left to do
 * with a digest is done here: ECDSA (FIPS 186-5) over its public operations, and RSA's paddings (RFC 8017).
 */
import {
  constants,
  createECDH,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  publicDecrypt,
  randomBytes,
} from 'node:crypto';

interface Curve {
  readonly name: string;
  readonly p: bigint;
  readonly n: bigint;
}

/** The same of all of them. */
const A = -3n;
const CURVES: Readonly<Record<string, Curve>> = {
  'P-256': {
    name: 'prime256v1',
    p: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
    n: BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'),
  },
  'P-384': {
    name: 'secp384r1',
    p: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
    n: BigInt(
      '0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973',
    ),
  },
  'P-521': {
    name: 'secp521r1',
    p: 2n ** 521n - 1n,
    n: BigInt(`0x1${'f'.repeat(65)}a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409`),
  },
};

type Point = readonly [x: bigint, y: bigint] | null;

const mod = (value: bigint, by: bigint): bigint => ((value % by) + by) % by;

function power(base: bigint, exponent: bigint, by: bigint): bigint {
  let result = 1n;
  let square = mod(base, by);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % by;
    square = (square * square) % by;
  }
  return result;
}

/** `by` is a prime. */
const inverse = (value: bigint, by: bigint): bigint => power(value, by - 2n, by);

function add({ p }: Curve, one: Point, other: Point): Point {
  if (one === null) return other;
  if (other === null) return one;
  const [x1, y1] = one;
  const [x2, y2] = other;
  if (x1 === x2 && mod(y1 + y2, p) === 0n) return null;
  const slope =
    x1 === x2
      ? mod((3n * x1 * x1 + A) * inverse(2n * y1, p), p)
      : mod((y2 - y1) * inverse(mod(x2 - x1, p), p), p);
  const x = mod(slope * slope - x1 - x2, p);
  return [x, mod(slope * (x1 - x) - y1, p)];
}

function multiply(curve: Curve, factor: bigint, point: Point): Point {
  let result: Point = null;
  let doubled = point;
  for (let left = factor; left > 0n; left >>= 1n) {
    if (left & 1n) result = add(curve, result, doubled);
    doubled = add(curve, doubled, doubled);
  }
  return result;
}

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);
const fromUrl = (text: string | undefined): bigint => numberOf(Buffer.from(text ?? '', 'base64url'));

function curveOf(key: KeyObject): { readonly curve: Curve; readonly d: bigint; readonly point: Point } {
  const { crv = '', d, x, y } = key.export({ format: 'jwk' });
  const curve = CURVES[crv];
  if (curve === undefined) throw new Error(`no such curve: ${crv}`);
  return { curve, d: fromUrl(d), point: [fromUrl(x), fromUrl(y)] };
}

/** The leftmost bits of the digest, as many as the order has. */
function reduced(digest: Uint8Array, n: bigint): bigint {
  const excess = digest.byteLength * 8 - n.toString(2).length;
  return excess > 0 ? numberOf(digest) >> BigInt(excess) : numberOf(digest);
}

/** DER, as KMS answers. The secret number of each signature is a fresh key pair's. */
export function signEcdsa(key: KeyObject, digest: Uint8Array): Buffer {
  const { curve, d } = curveOf(key);
  const z = reduced(digest, curve.n);
  for (;;) {
    const { d: k, point } = curveOf(generateKeyPairSync('ec', { namedCurve: curve.name }).privateKey);
    const r = mod(point?.[0] ?? 0n, curve.n);
    const s = mod(inverse(k, curve.n) * (z + r * d), curve.n);
    if (r !== 0n && s !== 0n) return derOf(r, s);
  }
}

export function verifyEcdsa(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  const { curve, point } = curveOf(createPublicKey(key));
  const [r, s] = readDer(Buffer.from(signature));
  if (r === undefined || s === undefined || r <= 0n || r >= curve.n || s <= 0n || s >= curve.n) return false;
  const w = inverse(s, curve.n);
  const u = multiply(curve, mod(reduced(digest, curve.n) * w, curve.n), generatorOf(curve));
  const sum = add(curve, u, multiply(curve, mod(r * w, curve.n), point));
  return sum !== null && mod(sum[0], curve.n) === r;
}

/** One times the generator is the generator. */
function generatorOf({ name, p }: Curve): Point {
  const size = Math.ceil(p.toString(2).length / 8);
  const ecdh = createECDH(name);
  const one = Buffer.alloc(size);
  one[size - 1] = 1;
  ecdh.setPrivateKey(one);
  const bytes = ecdh.getPublicKey();
  return [numberOf(bytes.subarray(1, 1 + size)), numberOf(bytes.subarray(1 + size))];
}

function derOf(...numbers: readonly bigint[]): Buffer {
  const parts = numbers.map((number) => {
    const hex = number.toString(16);
    const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
    const padded = (bytes[0] ?? 0) >= 128 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
    return Buffer.concat([Buffer.of(2, padded.byteLength), padded]);
  });
  const body = Buffer.concat(parts);
  return Buffer.concat([
    body.byteLength < 128 ? Buffer.of(0x30, body.byteLength) : Buffer.of(0x30, 0x81, body.byteLength),
    body,
  ]);
}

function readDer(der: Buffer): readonly bigint[] {
  const numbers: bigint[] = [];
  let at = der[1] === 0x81 ? 3 : 2;
  while (der[0] === 0x30 && der[at] === 2 && numbers.length < 2) {
    const length = der[at + 1] ?? 0;
    numbers.push(numberOf(der.subarray(at + 2, at + 2 + length)));
    at += 2 + length;
  }
  return at === der.byteLength ? numbers : [];
}

const DIGEST_INFO: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};
const digestInfo = (hash: string, digest: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(DIGEST_INFO[hash] ?? '', 'hex'), digest]);

export const signPkcs1 = (key: KeyObject, hash: string, digest: Uint8Array): Buffer =>
  privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digestInfo(hash, digest));

export function verifyPkcs1(
  key: KeyObject,
  hash: string,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const found = publicDecrypt(
      { key: createPublicKey(key), padding: constants.RSA_PKCS1_PADDING },
      signature,
    );
    return found.equals(digestInfo(hash, digest));
  } catch {
    return false;
  }
}

/** As long as the digest, as KMS has it. */
const saltBytes = (digest: Uint8Array): number => digest.byteLength;

function mask(hash: string, seed: Uint8Array, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let counter = 0; parts.length * seed.byteLength < length; counter++) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(counter);
    parts.push(createHash(hash).update(seed).update(number).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

const xor = (one: Uint8Array, other: Uint8Array): Buffer =>
  Buffer.from(one.map((byte, index) => byte ^ (other[index] ?? 0)));
const pssHash = (hash: string, digest: Uint8Array, salt: Uint8Array): Buffer =>
  createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest();

const modulusBytes = (key: KeyObject): number => (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8;

/** EMSA-PSS; the modulus is a whole number of bytes, so that one bit on top is cleared. */
export function signPss(key: KeyObject, hash: string, digest: Uint8Array): Buffer {
  const size = modulusBytes(key);
  const salt = randomBytes(saltBytes(digest));
  const hashed = pssHash(hash, digest, salt);
  const block = Buffer.alloc(size - hashed.byteLength - 1);
  block[block.byteLength - salt.byteLength - 1] = 1;
  salt.copy(block, block.byteLength - salt.byteLength);
  const masked = xor(block, mask(hash, hashed, block.byteLength));
  masked[0] = (masked[0] ?? 0) & 0x7f;
  return privateEncrypt(
    { key, padding: constants.RSA_NO_PADDING },
    Buffer.concat([masked, hashed, Buffer.of(0xbc)]),
  );
}

export function verifyPss(key: KeyObject, hash: string, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    const found = publicDecrypt({ key: createPublicKey(key), padding: constants.RSA_NO_PADDING }, signature);
    const hashed = found.subarray(found.byteLength - digest.byteLength - 1, -1);
    const masked = found.subarray(0, found.byteLength - digest.byteLength - 1);
    if (found.at(-1) !== 0xbc || ((masked[0] ?? 0) & 0x80) !== 0) return false;
    const block = xor(masked, mask(hash, hashed, masked.byteLength));
    block[0] = (block[0] ?? 0) & 0x7f;
    const start = block.byteLength - saltBytes(digest) - 1;
    if (block.subarray(0, start).some((byte) => byte !== 0) || block[start] !== 1) return false;
    return pssHash(hash, digest, block.subarray(start + 1)).equals(hashed);
  } catch {
    return false;
  }
}
