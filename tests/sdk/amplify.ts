/**
 * The client that web apps sign in with, its arithmetic swapped for the engine's own: it brings big numbers from before
 * JavaScript had any, which take seconds for one sign-in. What it computes and sends is the same.
 */
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';
import LegacyBigInteger from 'amazon-cognito-identity-js/es/BigInteger.js';

interface LegacyNumber {
  toString(radix: number): string;
}

type Done = (error: Error | null, result: LegacyNumber) => void;

const BigInteger = LegacyBigInteger as unknown as {
  new (text: string, radix: number): LegacyNumber;
  prototype: {
    modPow(this: LegacyNumber, exponent: LegacyNumber, modulus: LegacyNumber, done?: Done): LegacyNumber;
  };
};

BigInteger.prototype.modPow = function modPow(exponent, modulus, done) {
  const [value, power, base] = [this, exponent, modulus].map(nativeOf);
  const result = new BigInteger(raise(value ?? 0n, power ?? 0n, base ?? 1n).toString(16), 16);
  done?.(null, result);
  return result;
};

function nativeOf(number: LegacyNumber): bigint {
  const hex = number.toString(16);
  return hex.startsWith('-') ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
}

function raise(value: bigint, power: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = ((value % modulus) + modulus) % modulus;
  for (let left = power; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

export { AuthenticationDetails, CognitoUser, CognitoUserPool };
