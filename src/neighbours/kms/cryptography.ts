/** Encrypt, Decrypt, ReEncrypt, data keys and random bytes. */
import { constants, createPublicKey, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import type {
  DecryptRequest,
  DecryptResponse,
  EncryptionAlgorithmSpec,
  EncryptRequest,
  EncryptResponse,
  GenerateDataKeyPairRequest,
  GenerateDataKeyPairResponse,
  GenerateDataKeyPairWithoutPlaintextRequest,
  GenerateDataKeyPairWithoutPlaintextResponse,
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
  GenerateRandomRequest,
  GenerateRandomResponse,
  ReEncryptRequest,
  ReEncryptResponse,
} from '@aws-sdk/client-kms';
import { Fault } from '../../base/fault.ts';
import type { Call } from '../../wire/service.ts';
import { decryptUnder, type EncryptionContext, encryptUnder, readHeader } from './ciphertext.ts';
import { badCiphertext, unsupported, validation, wrongUsage } from './fault.ts';
import { type FoundKey, keyArn } from './key-row.ts';
import { bytesOf, isSymmetric, makePair, privateKeyOf } from './material.ts';
import type { KmsRoom } from './room.ts';
import { rotated } from './rotation.ts';

interface Encrypting {
  readonly action: string;
  readonly algorithm?: EncryptionAlgorithmSpec | undefined;
  readonly context?: EncryptionContext | undefined;
}

export const cryptographyOperations = (room: KmsRoom) => {
  const key = async (keyId: string | undefined, call: Call, action: string): Promise<FoundKey> => {
    const found = await room.use(keyId, { ...call, action });
    if (found.row.usage !== 'ENCRYPT_DECRYPT')
      throw wrongUsage(keyArn(found.scope, found.row.keyId), found.row.usage);
    return rotated(room, found);
  };

  async function encrypt(
    found: FoundKey,
    plaintext: Uint8Array,
    { algorithm, context }: Encrypting,
  ): Promise<Uint8Array> {
    const { row } = found;
    const material = await room.material(row);
    checkAlgorithm(found, algorithm);
    if (isSymmetric(row.spec)) {
      const version = row.material.length - 1;
      return encryptUnder(bytesOf(material), { keyId: row.keyId, version }, plaintext, context);
    }
    const { padding, oaepHash } = oaepOf(algorithm);
    const publicKey = createPublicKey(privateKeyOf(material));
    try {
      return new Uint8Array(publicEncrypt({ key: publicKey, padding, oaepHash }, plaintext));
    } catch {
      throw validation(
        `Algorithm ${algorithm} and key spec ${row.spec} cannot encrypt data of ${plaintext.byteLength} bytes.`,
      );
    }
  }

  /** The key is named, or known by the ciphertext. */
  async function decrypt(
    blob: Uint8Array | undefined,
    keyId: string | undefined,
    call: Call,
    { action, algorithm, context }: Encrypting,
  ): Promise<{ readonly found: FoundKey; readonly plaintext: Uint8Array }> {
    if (blob === undefined) throw badCiphertext();
    if (algorithm !== undefined && algorithm !== 'SYMMETRIC_DEFAULT') {
      const found = await key(keyId, call, action);
      checkAlgorithm(found, algorithm);
      const { padding, oaepHash } = oaepOf(algorithm);
      try {
        const privateKey = privateKeyOf(await room.material(found.row));
        return {
          found,
          plaintext: new Uint8Array(privateDecrypt({ key: privateKey, padding, oaepHash }, blob)),
        };
      } catch {
        throw badCiphertext();
      }
    }
    const header = readHeader(blob);
    const named = keyId === undefined ? undefined : await key(keyId, call, action);
    if (named !== undefined && named.row.keyId !== header.keyId)
      throw new Fault(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can perform this operation.',
      );
    const found = named ?? (await ofCiphertext(header.keyId, call, action));
    const material = await room.material(found.row, header.version);
    return { found, plaintext: decryptUnder(bytesOf(material), blob, context) };
  }

  const ofCiphertext = async (keyId: string, call: Call, action: string): Promise<FoundKey> => {
    try {
      return await key(keyId, call, action);
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code === 'NotFoundException') throw badCiphertext();
      throw thrown;
    }
  };

  async function dataKey(input: GenerateDataKeyRequest, call: Call, action: string) {
    const found = await key(input.KeyId, call, action);
    if (!isSymmetric(found.row.spec)) throw wrongUsage(keyArn(found.scope, found.row.keyId), found.row.usage);
    if (input.Recipient !== undefined)
      throw unsupported('Recipient (Nitro enclaves): not supported by gatehouse');
    const plaintext = new Uint8Array(randomBytes(sizeOf(input)));
    refuseDryRun(input.DryRun);
    const CiphertextBlob = await encrypt(found, plaintext, { action, context: input.EncryptionContext });
    return { KeyId: keyArn(found.scope, found.row.keyId), Plaintext: plaintext, CiphertextBlob };
  }

  async function dataKeyPair(input: GenerateDataKeyPairRequest, call: Call, action: string) {
    const found = await key(input.KeyId, call, action);
    if (!isSymmetric(found.row.spec)) throw wrongUsage(keyArn(found.scope, found.row.keyId), found.row.usage);
    refuseDryRun(input.DryRun);
    const privateKey = await makePair(input.KeyPairSpec ?? '');
    const plain = new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' }));
    return {
      KeyId: keyArn(found.scope, found.row.keyId),
      KeyPairSpec: input.KeyPairSpec,
      PublicKey: new Uint8Array(createPublicKey(privateKey).export({ type: 'spki', format: 'der' })),
      PrivateKeyPlaintext: plain,
      PrivateKeyCiphertextBlob: await encrypt(found, plain, { action, context: input.EncryptionContext }),
    };
  }

  return {
    async Encrypt(input: EncryptRequest, call: Call): Promise<EncryptResponse> {
      const found = await key(input.KeyId, call, 'Encrypt');
      const algorithm = input.EncryptionAlgorithm;
      refuseDryRun(input.DryRun);
      return {
        KeyId: keyArn(found.scope, found.row.keyId),
        CiphertextBlob: await encrypt(found, input.Plaintext ?? new Uint8Array(), {
          action: 'Encrypt',
          algorithm,
          context: input.EncryptionContext,
        }),
        EncryptionAlgorithm: algorithm ?? 'SYMMETRIC_DEFAULT',
      };
    },

    async Decrypt(input: DecryptRequest, call: Call): Promise<DecryptResponse> {
      if (input.Recipient !== undefined)
        throw unsupported('Recipient (Nitro enclaves): not supported by gatehouse');
      const algorithm = input.EncryptionAlgorithm;
      const { found, plaintext } = await decrypt(input.CiphertextBlob, input.KeyId, call, {
        action: 'Decrypt',
        algorithm,
        context: input.EncryptionContext,
      });
      refuseDryRun(input.DryRun);
      return {
        KeyId: keyArn(found.scope, found.row.keyId),
        Plaintext: plaintext,
        EncryptionAlgorithm: algorithm ?? 'SYMMETRIC_DEFAULT',
      };
    },

    async ReEncrypt(input: ReEncryptRequest, call: Call): Promise<ReEncryptResponse> {
      const source = await decrypt(input.CiphertextBlob, input.SourceKeyId, call, {
        action: 'ReEncryptFrom',
        algorithm: input.SourceEncryptionAlgorithm,
        context: input.SourceEncryptionContext,
      });
      const found = await key(input.DestinationKeyId, call, 'ReEncryptTo');
      refuseDryRun(input.DryRun);
      const algorithm = input.DestinationEncryptionAlgorithm;
      return {
        CiphertextBlob: await encrypt(found, source.plaintext, {
          action: 'ReEncryptTo',
          algorithm,
          context: input.DestinationEncryptionContext,
        }),
        SourceKeyId: keyArn(source.found.scope, source.found.row.keyId),
        KeyId: keyArn(found.scope, found.row.keyId),
        SourceEncryptionAlgorithm: input.SourceEncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
        DestinationEncryptionAlgorithm: algorithm ?? 'SYMMETRIC_DEFAULT',
      };
    },

    GenerateDataKey: (input: GenerateDataKeyRequest, call: Call): Promise<GenerateDataKeyResponse> =>
      dataKey(input, call, 'GenerateDataKey'),

    async GenerateDataKeyWithoutPlaintext(
      input: GenerateDataKeyWithoutPlaintextRequest,
      call: Call,
    ): Promise<GenerateDataKeyWithoutPlaintextResponse> {
      const { Plaintext: _, ...rest } = await dataKey(input, call, 'GenerateDataKeyWithoutPlaintext');
      return rest;
    },

    GenerateDataKeyPair: (
      input: GenerateDataKeyPairRequest,
      call: Call,
    ): Promise<GenerateDataKeyPairResponse> => dataKeyPair(input, call, 'GenerateDataKeyPair'),

    async GenerateDataKeyPairWithoutPlaintext(
      input: GenerateDataKeyPairWithoutPlaintextRequest,
      call: Call,
    ): Promise<GenerateDataKeyPairWithoutPlaintextResponse> {
      const { PrivateKeyPlaintext: _, ...rest } = await dataKeyPair(
        input,
        call,
        'GenerateDataKeyPairWithoutPlaintext',
      );
      return rest;
    },

    async GenerateRandom(input: GenerateRandomRequest): Promise<GenerateRandomResponse> {
      if (input.NumberOfBytes === undefined) throw validation('NumberOfBytes is required.');
      return { Plaintext: new Uint8Array(randomBytes(input.NumberOfBytes)) };
    },
  };
};

function checkAlgorithm({ scope, row }: FoundKey, algorithm: EncryptionAlgorithmSpec | undefined): void {
  const isForSymmetric = algorithm === undefined || algorithm === 'SYMMETRIC_DEFAULT';
  if (isForSymmetric !== isSymmetric(row.spec))
    throw new Fault(
      'InvalidKeyUsageException',
      `Algorithm ${algorithm ?? 'SYMMETRIC_DEFAULT'} is incompatible with key spec ${row.spec} of ${keyArn(scope, row.keyId)}.`,
    );
}

function oaepOf(algorithm: EncryptionAlgorithmSpec | undefined) {
  if (algorithm === 'SM2PKE') throw unsupported('SM2PKE: not supported by gatehouse');
  return {
    padding: constants.RSA_PKCS1_OAEP_PADDING,
    oaepHash: algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256',
  };
}

function sizeOf({ KeySpec: spec, NumberOfBytes: bytes }: GenerateDataKeyRequest): number {
  if ((spec === undefined) === (bytes === undefined))
    throw validation('Please specify either number of bytes or key spec.');
  return bytes ?? (spec === 'AES_128' ? 16 : 32);
}

export function refuseDryRun(dryRun: boolean | undefined): void {
  if (dryRun)
    throw new Fault(
      'DryRunOperationException',
      'The request would have succeeded, but the DryRun option is set.',
    );
}
