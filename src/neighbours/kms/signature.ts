/** Sign, Verify, GetPublicKey, GenerateMac and VerifyMac. */
import { createHmac, createHash, createPublicKey, timingSafeEqual } from 'node:crypto';
import type {
  GenerateMacRequest,
  GenerateMacResponse,
  GetPublicKeyRequest,
  GetPublicKeyResponse,
  SigningAlgorithmSpec,
  SignRequest,
  SignResponse,
  VerifyMacRequest,
  VerifyMacResponse,
  VerifyRequest,
  VerifyResponse,
} from '@aws-sdk/client-kms';
import { Fault } from '../../base/fault.ts';
import type { Call } from '../../wire/service.ts';
import { encryptionAlgorithms, signingAlgorithms } from './algorithms.ts';
import { refuseDryRun } from './cryptography.ts';
import { signEcdsa, signPkcs1, signPss, verifyEcdsa, verifyPkcs1, verifyPss } from './digest-signature.ts';
import { unsupported, validation, wrongUsage } from './fault.ts';
import { type FoundKey, keyArn } from './key-row.ts';
import { bytesOf, isHmac, isSymmetric, privateKeyOf } from './material.ts';
import type { KmsRoom } from './room.ts';

export const signatureOperations = (room: KmsRoom) => {
  const key = async (
    keyId: string | undefined,
    call: Call,
    action: string,
    usage: FoundKey['row']['usage'],
  ) => {
    const found = await room.use(keyId, { ...call, action });
    const arn = keyArn(found.scope, found.row.keyId);
    if (found.row.usage !== usage) throw wrongUsage(arn, found.row.usage);
    return { found, arn };
  };

  async function mac(input: GenerateMacRequest, call: Call, action: string) {
    const { found, arn } = await key(input.KeyId, call, action, 'GENERATE_VERIFY_MAC');
    const bits = found.row.spec.slice('HMAC_'.length);
    if (input.MacAlgorithm !== `HMAC_SHA_${bits}`)
      throw new Fault(
        'InvalidKeyUsageException',
        `Algorithm ${input.MacAlgorithm} is incompatible with key spec ${found.row.spec}.`,
      );
    const secret = bytesOf(await room.material(found.row));
    const bytes = createHmac(`sha${bits}`, secret)
      .update(input.Message ?? new Uint8Array())
      .digest();
    return { arn, bytes };
  }

  return {
    async Sign(input: SignRequest, call: Call): Promise<SignResponse> {
      const { found, arn } = await key(input.KeyId, call, 'Sign', 'SIGN_VERIFY');
      const { hash, scheme } = schemeOf(found, input.SigningAlgorithm);
      const digest = digestOf(input, hash);
      refuseDryRun(input.DryRun);
      const privateKey = privateKeyOf(await room.material(found.row));
      const Signature =
        scheme === 'ECDSA'
          ? signEcdsa(privateKey, digest)
          : scheme === 'PSS'
            ? signPss(privateKey, hash, digest)
            : signPkcs1(privateKey, hash, digest);
      return { KeyId: arn, Signature: new Uint8Array(Signature), SigningAlgorithm: input.SigningAlgorithm };
    },

    async Verify(input: VerifyRequest, call: Call): Promise<VerifyResponse> {
      const { found, arn } = await key(input.KeyId, call, 'Verify', 'SIGN_VERIFY');
      const { hash, scheme } = schemeOf(found, input.SigningAlgorithm);
      const digest = digestOf(input, hash);
      refuseDryRun(input.DryRun);
      const privateKey = privateKeyOf(await room.material(found.row));
      const signature = input.Signature ?? new Uint8Array();
      const isGood =
        scheme === 'ECDSA'
          ? verifyEcdsa(privateKey, digest, signature)
          : scheme === 'PSS'
            ? verifyPss(privateKey, hash, digest, signature)
            : verifyPkcs1(privateKey, hash, digest, signature);
      if (!isGood) throw new Fault('KMSInvalidSignatureException', '');
      return { KeyId: arn, SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm };
    },

    async GetPublicKey(input: GetPublicKeyRequest, call: Call): Promise<GetPublicKeyResponse> {
      const { scope, row } = await room.use(input.KeyId, { ...call, action: 'GetPublicKey' });
      if (isSymmetric(row.spec) || isHmac(row.spec))
        throw unsupported('You cannot perform this operation on a symmetric or HMAC key.');
      const publicKey = createPublicKey(privateKeyOf(await room.material(row)));
      return {
        KeyId: keyArn(scope, row.keyId),
        PublicKey: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
        KeySpec: row.spec,
        CustomerMasterKeySpec: row.spec as GetPublicKeyResponse['CustomerMasterKeySpec'], // the same list under its former name
        KeyUsage: row.usage,
        ...(row.usage === 'SIGN_VERIFY'
          ? { SigningAlgorithms: signingAlgorithms(row.spec) }
          : { EncryptionAlgorithms: encryptionAlgorithms(row.spec) }),
      };
    },

    async GenerateMac(input: GenerateMacRequest, call: Call): Promise<GenerateMacResponse> {
      const { arn, bytes } = await mac(input, call, 'GenerateMac');
      refuseDryRun(input.DryRun);
      return { KeyId: arn, Mac: new Uint8Array(bytes), MacAlgorithm: input.MacAlgorithm };
    },

    async VerifyMac(input: VerifyMacRequest, call: Call): Promise<VerifyMacResponse> {
      const { arn, bytes } = await mac(input, call, 'VerifyMac');
      const given = Buffer.from(input.Mac ?? []);
      if (given.byteLength !== bytes.byteLength || !timingSafeEqual(given, bytes))
        throw new Fault('KMSInvalidMacException', '');
      return { KeyId: arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
    },
  };
};

function schemeOf({ row }: FoundKey, algorithm: SigningAlgorithmSpec | undefined) {
  if (algorithm === undefined || !signingAlgorithms(row.spec).includes(algorithm))
    throw new Fault(
      'InvalidKeyUsageException',
      `Algorithm ${algorithm} is incompatible with key spec ${row.spec}.`,
    );
  const hash = `sha${algorithm.slice(-3)}`;
  const scheme = algorithm.startsWith('ECDSA') ? 'ECDSA' : algorithm.includes('PSS') ? 'PSS' : 'PKCS1';
  return { hash, scheme } as const;
}

interface Signed {
  readonly Message?: Uint8Array | undefined;
  readonly MessageType?: string | undefined;
}

function digestOf(
  { Message: message = new Uint8Array(), MessageType: type }: Signed,
  hash: string,
): Uint8Array {
  if (type === 'EXTERNAL_MU') throw unsupported('MessageType EXTERNAL_MU: not supported by gatehouse');
  if (type !== 'DIGEST') return createHash(hash).update(message).digest();
  if (message.byteLength !== Number(hash.slice(3)) / 8)
    throw validation('Digest is invalid length for algorithm.');
  return message;
}
