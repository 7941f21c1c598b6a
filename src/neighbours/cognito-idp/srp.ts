/**
 * The Secure Remote Password protocol as Cognito's clients speak it: SRP-6a over the 3072-bit group of RFC 3526, SHA-256,
 * the session key drawn by HKDF. https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html
 * and the public clients (amazon-cognito-identity-js).
 */
import { createDiffieHellmanGroup, createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { RandomBytes } from '../../base/ids.ts';
import type { Verifier } from './rows.ts';

const N = BigInt(`0x${createDiffieHellmanGroup('modp15').getPrime('hex')}`);
const G = 2n;

const bytesOfHex = (hex: string): Buffer => Buffer.from(hex, 'hex');

/** Java's BigInteger bytes: even digits, and a zero byte before a number whose first bit is set. */
function padded(value: bigint): string {
  const hex = value.toString(16);
  const even = hex.length % 2 === 1 ? `0${hex}` : hex;
  return /^[89a-f]/.test(even) ? `00${even}` : even;
}

const hash = (...parts: (string | Uint8Array)[]): string => {
  const sha = createHash('sha256');
  for (const part of parts) sha.update(part);
  return sha.digest('hex');
};

const K = BigInt(`0x${hash(bytesOfHex(padded(N)), bytesOfHex(padded(G)))}`);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % N;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
}

/** `us-east-1_AbC123` signs as `AbC123`. */
const poolName = (poolId: string): string => poolId.slice(poolId.indexOf('_') + 1);

function privateKey(poolId: string, username: string, password: string, salt: string): bigint {
  const inner = hash(`${poolName(poolId)}${username}:${password}`);
  return BigInt(`0x${hash(bytesOfHex(padded(BigInt(`0x${salt}`))), bytesOfHex(inner))}`);
}

export function makeVerifier(
  poolId: string,
  username: string,
  password: string,
  random: RandomBytes,
): Verifier {
  const salt = Buffer.from(random(16)).toString('hex');
  return { salt, verifier: power(G, privateKey(poolId, username, password, salt)).toString(16) };
}

export function provesPassword(poolId: string, username: string, password: string, kept: Verifier): boolean {
  const made = power(G, privateKey(poolId, username, password, kept.salt)).toString(16);
  return sameText(made, kept.verifier);
}

/** Compares digests, so that neither content nor length shows in the time. */
export const sameText = (one: string, other: string): boolean =>
  timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());

export interface ServerPart {
  /** Hex: secret, kept in the session. */
  readonly b: string;
  /** Hex, public. */
  readonly B: string;
}

export function serverPart(kept: Verifier, random: RandomBytes): ServerPart {
  const b = BigInt(`0x${Buffer.from(random(32)).toString('hex')}`);
  const B = (K * BigInt(`0x${kept.verifier}`) + power(G, b)) % N;
  return { b: b.toString(16), B: B.toString(16) };
}

/** A multiple of N would let anyone in without the password. */
export const isGoodClientPart = (A: string): boolean =>
  /^[0-9a-fA-F]{1,1024}$/.test(A) && BigInt(`0x${A}`) % N !== 0n;

export interface ClientProof {
  readonly poolId: string;
  readonly username: string;
  /** Base64, as it was sent with the challenge. */
  readonly secretBlock: string;
  readonly timestamp: string;
  /** Base64. */
  readonly signature: string;
}

export function provesKnowledge(kept: Verifier, part: ServerPart, A: string, proof: ClientProof): boolean {
  const [a, B] = [BigInt(`0x${A}`), BigInt(`0x${part.B}`)];
  const u = BigInt(`0x${hash(bytesOfHex(padded(a)), bytesOfHex(padded(B)))}`);
  if (u === 0n) return false;
  const shared = power((a * power(BigInt(`0x${kept.verifier}`), u)) % N, BigInt(`0x${part.b}`));
  const extracted = createHmac('sha256', bytesOfHex(padded(u)))
    .update(bytesOfHex(padded(shared)))
    .digest();
  const key = createHmac('sha256', extracted).update('Caldera Derived Key').update(Uint8Array.of(1)).digest();
  const expected = createHmac('sha256', key.subarray(0, 16))
    .update(poolName(proof.poolId) + proof.username)
    .update(Buffer.from(proof.secretBlock, 'base64'))
    .update(proof.timestamp)
    .digest('base64');
  return sameText(expected, proof.signature);
}
