/** Secrets Manager: names stand for ARNs that have more in them. */
import { arnOf } from '../../../base/arn.ts';
import { type AccessCall, listOf, type Rule, type ServiceRules, textOf } from '../requirement.ts';

/** A secret's ARN ends in six characters that its name does not have. */
async function secretArn({ scope, lookUp }: AccessCall, named: unknown): Promise<string> {
  const id = textOf(named);
  if (id === undefined) return '*';
  const found = await lookUp('secretsmanager', 'DescribeSecret', { SecretId: id });
  return (
    textOf(found?.['ARN']) ??
    (id.startsWith('arn:') ? id : arnOf(scope, 'secretsmanager', `secret:${id}-??????`))
  );
}

const onSecret =
  (action: string, member = 'SecretId'): Rule =>
  async (call) => {
    const id = textOf(call.input[member]);
    const stage = textOf(call.input['VersionStage']);
    return [
      {
        action: `secretsmanager:${action}`,
        resources: [await secretArn(call, id)],
        context: {
          ...(id === undefined ? {} : { 'secretsmanager:SecretId': await secretArn(call, id) }),
          ...(stage === undefined ? {} : { 'secretsmanager:VersionStage': stage }),
        },
      },
    ];
  };

const SECRET_OPERATIONS = [
  'CancelRotateSecret',
  'DeleteResourcePolicy',
  'DeleteSecret',
  'DescribeSecret',
  'GetResourcePolicy',
  'GetSecretValue',
  'ListSecretVersionIds',
  'PutResourcePolicy',
  'PutSecretValue',
  'RestoreSecret',
  'RotateSecret',
  'TagResource',
  'UntagResource',
  'UpdateSecret',
  'UpdateSecretVersionStage',
  'StopReplicationToReplica',
  'ReplicateSecretToRegions',
  'RemoveRegionsFromReplication',
];

export const secretsManagerRules: ServiceRules = {
  operations: {
    ...Object.fromEntries(SECRET_OPERATIONS.map((operation) => [operation, onSecret(operation)])),
    CreateSecret: ({ input, scope }) => [
      {
        action: 'secretsmanager:CreateSecret',
        resources: [arnOf(scope, 'secretsmanager', `secret:${textOf(input['Name']) ?? '*'}-??????`)],
        context: { 'secretsmanager:Name': textOf(input['Name']) ?? '' },
      },
    ],
    BatchGetSecretValue: async (call) => [
      { action: 'secretsmanager:BatchGetSecretValue', resources: ['*'] },
      {
        action: 'secretsmanager:GetSecretValue',
        resources: await Promise.all(listOf(call.input['SecretIdList']).map((id) => secretArn(call, id))),
      },
    ],
  },
};
