/** KMS: keys by alias, bare id or ARN. */
import { arnOf } from '../../../base/arn.ts';
import {
  type AccessCall,
  type Fields,
  fieldsOf,
  type Rule,
  type ServiceRules,
  textOf,
} from '../requirement.ts';

/** An alias or a bare id stands for its key. */
async function keyArn({ input, scope, lookUp }: AccessCall): Promise<string> {
  const named = textOf(input['KeyId']) ?? textOf(input['TargetKeyId']);
  if (named === undefined) return '*';
  if (/^arn:.*:key\//.test(named)) return named;
  const found = fieldsOf((await lookUp('kms', 'DescribeKey', { KeyId: named }))?.['KeyMetadata']);
  return (
    textOf(found?.['Arn']) ??
    (named.startsWith('arn:')
      ? named
      : arnOf(scope, 'kms', named.startsWith('alias/') ? named : `key/${named}`))
  );
}

function encryptionKeys(input: Fields): Record<string, string | readonly string[]> {
  const context = Object.entries(fieldsOf(input['EncryptionContext']) ?? {});
  const keys: Record<string, string | readonly string[]> = {};
  for (const [name, value] of context) keys[`kms:EncryptionContext:${name}`] = String(value);
  if (context.length > 0) keys['kms:EncryptionContextKeys'] = context.map(([name]) => name);
  const algorithm = textOf(input['EncryptionAlgorithm']);
  if (algorithm !== undefined) keys['kms:EncryptionAlgorithm'] = algorithm;
  return keys;
}

const onKey: Rule = async (call) => {
  const arn = await keyArn(call);
  const unresolved = arn === '*' ? { unresolved: true } : {};
  return [
    { action: `kms:${call.operation}`, resources: [arn], context: encryptionKeys(call.input), ...unresolved },
  ];
};

/** An alias is changed by whoever may change it and its key. */
const onAlias: Rule = async (call) => {
  const alias = textOf(call.input['AliasName']) ?? '*';
  const key =
    call.input['TargetKeyId'] === undefined
      ? await keyArn({ ...call, input: { KeyId: alias } })
      : await keyArn(call);
  return [{ action: `kms:${call.operation}`, resources: [arnOf(call.scope, 'kms', alias), key] }];
};

const KEY_OPERATIONS = [
  'CancelKeyDeletion',
  'CreateGrant',
  'Decrypt',
  'DescribeKey',
  'DisableKey',
  'DisableKeyRotation',
  'EnableKey',
  'EnableKeyRotation',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateMac',
  'GetKeyPolicy',
  'GetKeyRotationStatus',
  'GetPublicKey',
  'ListGrants',
  'ListKeyPolicies',
  'ListResourceTags',
  'PutKeyPolicy',
  'RevokeGrant',
  'RetireGrant',
  'ScheduleKeyDeletion',
  'Sign',
  'TagResource',
  'UntagResource',
  'UpdateKeyDescription',
  'Verify',
  'VerifyMac',
  'ListKeyRotations',
  'RotateKeyOnDemand',
];

/** Decrypt may leave the key to the ciphertext, which only KMS can read: then the permission must be for any key. */
export const kmsRules: ServiceRules = {
  operations: {
    ...Object.fromEntries(KEY_OPERATIONS.map((operation) => [operation, onKey])),
    CreateAlias: onAlias,
    UpdateAlias: onAlias,
    DeleteAlias: onAlias,
    ReEncrypt: async (call) => {
      const { SourceKeyId, DestinationKeyId } = call.input;
      return [
        {
          action: 'kms:ReEncryptFrom',
          resources: [await keyArn({ ...call, input: { KeyId: SourceKeyId } })],
        },
        {
          action: 'kms:ReEncryptTo',
          resources: [await keyArn({ ...call, input: { KeyId: DestinationKeyId } })],
        },
      ];
    },
  },
};
