/**
 * Codes for custom senders, encrypted under the pool's KMS key in the message format of the AWS Encryption SDK, so that
 * its clients open them: version 1, suite 0x0178 (AES-256-GCM with a key derived by HKDF-SHA256), one block.
 * https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
import { createCipheriv, hkdfSync } from 'node:crypto';
import { Fault, reasonOf } from '../../base/fault.ts';
import type { PoolPlace } from './places.ts';
import type { CognitoPorts } from './ports.ts';

const SUITE = 0x0178;
const IV_BYTES = 12;

interface DataKey {
  readonly KeyId: string;
  readonly Plaintext: Uint8Array;
  readonly CiphertextBlob: Uint8Array;
}

/** Base64. Throws CodeDeliveryFailureException when the key cannot be used. */
export async function sealCode(
  ports: CognitoPorts,
  { scope, pool }: PoolPlace,
  code: string,
): Promise<string> {
  const context = { 'userpool-id': pool.id };
  let key: DataKey;
  try {
    key = (await ports.call({
      service: 'kms',
      operation: 'GenerateDataKey',
      input: { KeyId: pool.triggers.KMSKeyID, KeySpec: 'AES_256', EncryptionContext: context },
      scope,
      caller: {
        kind: 'root',
        account: scope.account,
        arn: `arn:aws:iam::${scope.account}:root`,
        accessKeyId: scope.account,
      },
    })) as DataKey; // GenerateDataKey's own shape
  } catch (thrown) {
    throw new Fault('CodeDeliveryFailureException', `The code could not be encrypted: ${reasonOf(thrown)}`);
  }
  const sealed = seal(Buffer.from(code, 'utf8'), key, context, ports.random(16));
  key.Plaintext.fill(0);
  return sealed.toString('base64');
}

function seal(
  plain: Uint8Array,
  { KeyId, Plaintext, CiphertextBlob }: DataKey,
  context: Readonly<Record<string, string>>,
  messageId: Uint8Array,
): Buffer {
  const secret = Buffer.from(
    hkdfSync('sha256', Plaintext, new Uint8Array(), Buffer.concat([uint(SUITE, 2), messageId]), 32),
  );
  const header = Buffer.concat([
    uint(0x01, 1),
    uint(0x80, 1),
    uint(SUITE, 2),
    messageId,
    sized(contextBytes(context)),
    uint(1, 2),
    sized(Buffer.from('aws-kms')),
    sized(Buffer.from(KeyId)),
    sized(CiphertextBlob),
    // One block, and no frames.
    uint(0x01, 1),
    uint(0, 4),
    uint(IV_BYTES, 1),
    uint(0, 4),
  ]);
  const headerIv = Buffer.alloc(IV_BYTES);
  const headerTag = encrypt(secret, headerIv, header, new Uint8Array()).tag;
  const iv = Buffer.concat([Buffer.alloc(IV_BYTES - 4), uint(1, 4)]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(plain.length));
  const about = Buffer.concat([
    messageId,
    Buffer.from('AWSKMSEncryptionClient Single Block'),
    uint(1, 4),
    length,
  ]);
  const { bytes, tag } = encrypt(secret, iv, about, plain);
  return Buffer.concat([header, headerIv, headerTag, iv, length, bytes, tag]);
}

function encrypt(key: Uint8Array, iv: Uint8Array, about: Uint8Array, plain: Uint8Array) {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(about);
  const bytes = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { bytes, tag: cipher.getAuthTag() };
}

/** How many pairs, then each name and value; names in the order of their bytes. */
function contextBytes(context: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1));
  const parts = pairs.flatMap(([name, value]) => [sized(Buffer.from(name)), sized(Buffer.from(value))]);
  return Buffer.concat([uint(pairs.length, 2), ...parts]);
}

const sized = (bytes: Uint8Array): Buffer => Buffer.concat([uint(bytes.length, 2), bytes]);

function uint(value: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}
