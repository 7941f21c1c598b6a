/** KMS through the official client; signatures and ciphertexts held against `node:crypto`. */
import { beforeAll, describe, expect, test } from 'bun:test';
import { constants, createHash, createPublicKey, publicEncrypt, verify } from 'node:crypto';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import * as kms from '@aws-sdk/client-kms';
import { useTestServer } from '../testing/room.ts';
import { createStacks } from '../testing/stacks.ts';

const server = useTestServer();
let client: kms.KMSClient;
beforeAll(() => {
  client = new kms.KMSClient(server.options());
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (found: Uint8Array | undefined): string => new TextDecoder().decode(found);
const createKey = async (input: kms.CreateKeyCommandInput = {}): Promise<string> =>
  (await client.send(new kms.CreateKeyCommand(input))).KeyMetadata?.KeyId ?? '';
const encrypt = async (KeyId: string, plain: string, more: Partial<kms.EncryptCommandInput> = {}) =>
  (await client.send(new kms.EncryptCommand({ KeyId, Plaintext: bytes(plain), ...more }))).CiphertextBlob;
const decrypt = async (CiphertextBlob: Uint8Array | undefined, more: Partial<kms.DecryptCommandInput> = {}) =>
  text((await client.send(new kms.DecryptCommand({ CiphertextBlob, ...more }))).Plaintext);
const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (thrown) {
    const { name, message } = thrown as Error;
    return `${name}: ${message}`;
  }
  return 'no refusal';
};

describe('keys', () => {
  test('described, found by alias, listed, tagged', async () => {
    const KeyId = await createKey({ Description: 'orders', Tags: [{ TagKey: 'a', TagValue: '1' }] });
    await client.send(new kms.CreateAliasCommand({ AliasName: 'alias/orders', TargetKeyId: KeyId }));
    const { KeyMetadata } = await client.send(new kms.DescribeKeyCommand({ KeyId: 'alias/orders' }));
    expect(KeyMetadata).toMatchObject({
      KeyId,
      Arn: `arn:aws:kms:us-east-1:123456789012:key/${KeyId}`,
      Description: 'orders',
      KeyState: 'Enabled',
      KeySpec: 'SYMMETRIC_DEFAULT',
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    });
    const { Tags } = await client.send(new kms.ListResourceTagsCommand({ KeyId }));
    expect(Tags).toEqual([{ TagKey: 'a', TagValue: '1' }]);
    const { Aliases } = await client.send(new kms.ListAliasesCommand({ KeyId }));
    expect(Aliases?.map(({ AliasName }) => AliasName)).toEqual(['alias/orders']);
    const again = client.send(new kms.CreateAliasCommand({ AliasName: 'alias/orders', TargetKeyId: KeyId }));
    expect(await refusal(again)).toStartWith('AlreadyExistsException');
    expect(await refusal(encrypt('alias/nothing', 'x'))).toBe(
      'NotFoundException: Alias arn:aws:kms:us-east-1:123456789012:alias/nothing is not found.',
    );
  });

  test('switched off, on, deleted after their waiting', async () => {
    const KeyId = await createKey();
    const arn = `arn:aws:kms:us-east-1:123456789012:key/${KeyId}`;
    await client.send(new kms.DisableKeyCommand({ KeyId }));
    expect(await refusal(encrypt(KeyId, 'x'))).toBe(`DisabledException: ${arn} is disabled.`);
    await client.send(new kms.EnableKeyCommand({ KeyId }));
    const blob = await encrypt(KeyId, 'x');
    await client.send(new kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(await refusal(decrypt(blob))).toBe(`KMSInvalidStateException: ${arn} is pending deletion.`);
    await client.send(new kms.CancelKeyDeletionCommand({ KeyId }));
    await client.send(new kms.EnableKeyCommand({ KeyId }));
    expect(await decrypt(blob)).toBe('x');
    await client.send(new kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    server.pass(7 * 86_400 + 1);
    expect(await refusal(client.send(new kms.DescribeKeyCommand({ KeyId })))).toBe(
      `NotFoundException: Key '${arn}' does not exist`,
    );
  });

  test('another account needs the policy', async () => {
    const KeyId = await createKey();
    const { KeyMetadata } = await client.send(new kms.DescribeKeyCommand({ KeyId }));
    const other = new kms.KMSClient(server.options('210987654321'));
    const using = () =>
      other.send(new kms.EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext: bytes('x') }));
    expect(await refusal(using())).toStartWith('AccessDeniedException');
    const Statement = [
      {
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::210987654321:root' },
        Action: 'kms:Encrypt',
        Resource: '*',
      },
    ];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await client.send(new kms.PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy }));
    expect((await using()).CiphertextBlob).toBeDefined();
    expect((await client.send(new kms.GetKeyPolicyCommand({ KeyId }))).Policy).toBe(Policy);
    const bad = client.send(new kms.PutKeyPolicyCommand({ KeyId, Policy: '{}' }));
    expect(await refusal(bad)).toStartWith('MalformedPolicyDocumentException');
  });

  test('grants are kept, listed and ended', async () => {
    const KeyId = await createKey();
    const grant = {
      KeyId,
      GranteePrincipal: 'arn:aws:iam::123456789012:role/r',
      Operations: ['Decrypt' as const],
    };
    const { GrantId } = await client.send(new kms.CreateGrantCommand(grant));
    const list = async () => (await client.send(new kms.ListGrantsCommand({ KeyId }))).Grants ?? [];
    expect((await list())[0]).toMatchObject({ GrantId, Operations: ['Decrypt'] });
    await client.send(new kms.RevokeGrantCommand({ KeyId, GrantId }));
    expect(await list()).toEqual([]);
  });
});

describe('symmetric keys', () => {
  test('encrypt with a context, decrypt without naming the key, re-encrypt', async () => {
    const [one, other] = [await createKey(), await createKey()];
    const EncryptionContext = { purpose: 'test', a: 'b' };
    const blob = await encrypt(one, 'secret', { EncryptionContext });
    expect(await decrypt(blob, { EncryptionContext: { a: 'b', purpose: 'test' } })).toBe('secret');
    expect(await refusal(decrypt(blob))).toStartWith('InvalidCiphertextException');
    expect(await refusal(decrypt(blob, { EncryptionContext, KeyId: other }))).toStartWith(
      'IncorrectKeyException',
    );
    expect(await refusal(decrypt(bytes('nothing of ours')))).toStartWith('InvalidCiphertextException');
    const again = await client.send(
      new kms.ReEncryptCommand({
        CiphertextBlob: blob,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: other,
      }),
    );
    expect(await decrypt(again.CiphertextBlob, { KeyId: other })).toBe('secret');
  });

  test('data keys and key pairs come back by their ciphertexts', async () => {
    const KeyId = await createKey();
    const key = await client.send(new kms.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    expect(key.Plaintext?.byteLength).toBe(32);
    const opened = await client.send(new kms.DecryptCommand({ CiphertextBlob: key.CiphertextBlob }));
    expect(opened.Plaintext).toEqual(key.Plaintext);
    const pair = await client.send(
      new kms.GenerateDataKeyPairCommand({ KeyId, KeyPairSpec: 'ECC_NIST_P256' }),
    );
    const kept = await client.send(new kms.DecryptCommand({ CiphertextBlob: pair.PrivateKeyCiphertextBlob }));
    expect(kept.Plaintext).toEqual(pair.PrivateKeyPlaintext);
    const both = client.send(new kms.GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', NumberOfBytes: 5 }));
    expect(await refusal(both)).toContain('either number of bytes or key spec');
  });

  test('rotated by the clock and on demand, what was encrypted before still opens', async () => {
    const KeyId = await createKey();
    await client.send(new kms.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
    const before = await encrypt(KeyId, 'before');
    server.pass(91 * 86_400);
    const after = await encrypt(KeyId, 'after');
    await client.send(new kms.RotateKeyOnDemandCommand({ KeyId }));
    expect([await decrypt(before), await decrypt(after)]).toEqual(['before', 'after']);
    const { Rotations } = await client.send(new kms.ListKeyRotationsCommand({ KeyId }));
    expect(Rotations?.map(({ RotationType }) => RotationType)).toEqual(['AUTOMATIC', 'ON_DEMAND']);
  });

  test("AWS's own keys are there when they are used", async () => {
    const blob = await encrypt('alias/aws/ssm', 'x');
    expect(await decrypt(blob)).toBe('x');
    const { KeyMetadata } = await client.send(new kms.DescribeKeyCommand({ KeyId: 'alias/aws/ssm' }));
    expect(KeyMetadata?.KeyManager).toBe('AWS');
  });
});

const publicKeyOf = async (KeyId: string) => {
  const { PublicKey } = await client.send(new kms.GetPublicKeyCommand({ KeyId }));
  return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
};

describe('signatures', () => {
  const SPECS: [kms.KeySpec, kms.SigningAlgorithmSpec][] = [
    ['ECC_NIST_P256', 'ECDSA_SHA_256'],
    ['ECC_NIST_P384', 'ECDSA_SHA_384'],
    ['ECC_NIST_P521', 'ECDSA_SHA_512'],
    ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256'],
    ['RSA_2048', 'RSASSA_PSS_SHA_512'],
  ];
  test.each(SPECS)('%s %s, of messages and of digests', async (KeySpec, SigningAlgorithm) => {
    const KeyId = await createKey({ KeySpec, KeyUsage: 'SIGN_VERIFY' });
    const hash = `sha${SigningAlgorithm.slice(-3)}`;
    const message = bytes('hello');
    const digest = createHash(hash).update(message).digest();
    const publicKey = await publicKeyOf(KeyId);
    const padding = SigningAlgorithm.includes('PSS')
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : {};
    for (const [Message, MessageType] of [
      [message, 'RAW'],
      [digest, 'DIGEST'],
    ] as const) {
      const signed = await client.send(
        new kms.SignCommand({ KeyId, Message, MessageType, SigningAlgorithm }),
      );
      const Signature = signed.Signature ?? new Uint8Array();
      expect(verify(hash, message, { key: publicKey, ...padding }, Signature)).toBe(true);
      const check = (given: Uint8Array) =>
        client.send(
          new kms.VerifyCommand({ KeyId, Message: given, MessageType: 'RAW', SigningAlgorithm, Signature }),
        );
      expect((await check(message)).SignatureValid).toBe(true);
      expect(await refusal(check(bytes('hullo')))).toStartWith('KMSInvalidSignatureException');
    }
  });

  test('what does not fit', async () => {
    const KeyId = await createKey({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    const sign = (input: Partial<kms.SignCommandInput>) =>
      refusal(
        client.send(
          new kms.SignCommand({ KeyId, Message: bytes('x'), SigningAlgorithm: 'ECDSA_SHA_256', ...input }),
        ),
      );
    expect(await sign({ SigningAlgorithm: 'RSASSA_PSS_SHA_256' })).toStartWith('InvalidKeyUsageException');
    expect(await sign({ MessageType: 'DIGEST' })).toContain('Digest is invalid length for algorithm.');
    expect(await refusal(encrypt(KeyId, 'x'))).toStartWith('InvalidKeyUsageException');
    expect(await refusal(createKey({ KeySpec: 'SM2', KeyUsage: 'SIGN_VERIFY' }))).toContain(
      'SM2: not supported by gatehouse',
    );
  });
});

test('RSA encryption, made outside with the public key', async () => {
  const KeyId = await createKey({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' });
  const key = await publicKeyOf(KeyId);
  const blob = publicEncrypt(
    { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    bytes('outside'),
  );
  expect(await decrypt(blob, { KeyId, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' })).toBe('outside');
  const inside = await encrypt(KeyId, 'inside', { EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' });
  expect(await decrypt(inside, { KeyId, EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })).toBe('inside');
});

test('HMAC', async () => {
  const KeyId = await createKey({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' });
  const input = { KeyId, Message: bytes('m'), MacAlgorithm: 'HMAC_SHA_256' as const };
  const { Mac } = await client.send(new kms.GenerateMacCommand(input));
  expect((await client.send(new kms.VerifyMacCommand({ ...input, Mac }))).MacValid).toBe(true);
  const wrong = client.send(new kms.VerifyMacCommand({ ...input, Message: bytes('n'), Mac }));
  expect(await refusal(wrong)).toStartWith('KMSInvalidMacException');
});

test('in stacks', async () => {
  const stacks = createStacks(new CloudFormationClient(server.options()));
  const template = (Description: string, EnableKeyRotation: boolean) => ({
    Resources: {
      Key: { Type: 'AWS::KMS::Key', Properties: { Description, EnableKeyRotation, PendingWindowInDays: 7 } },
      Alias: {
        Type: 'AWS::KMS::Alias',
        Properties: { AliasName: 'alias/stack', TargetKeyId: { Ref: 'Key' } },
      },
    },
    Outputs: { Key: { Value: { Ref: 'Key' } } },
  });
  const { Key: KeyId } = await stacks.create('keys', template('one', false));
  await stacks.update('keys', template('two', true));
  const describe = async () => (await client.send(new kms.DescribeKeyCommand({ KeyId }))).KeyMetadata;
  expect(await describe()).toMatchObject({ Description: 'two', KeyState: 'Enabled' });
  const { KeyRotationEnabled } = await client.send(new kms.GetKeyRotationStatusCommand({ KeyId }));
  expect(KeyRotationEnabled).toBe(true);
  await stacks.delete('keys');
  expect(await describe()).toMatchObject({ KeyState: 'PendingDeletion' });
});
