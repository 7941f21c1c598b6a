/** AWS::SecretsManager::Secret, ResourcePolicy and RotationSchedule. */
import type {
  CreateSecretResponse,
  DescribeSecretResponse,
  GetRandomPasswordResponse,
} from '@aws-sdk/client-secrets-manager';
import { Fault, isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

interface GenerateSecretString {
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
  readonly [setting: string]: unknown;
}

interface SecretProperties {
  readonly Name?: string;
  readonly Description?: string;
  readonly KmsKeyId?: string;
  readonly SecretString?: string;
  readonly GenerateSecretString?: GenerateSecretString;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

export const secretResourceType: ResourceType<SecretProperties> = {
  type: 'AWS::SecretsManager::Secret',
  unsupported: ['ReplicaRegions', 'Type'],

  async create(request) {
    const { Description, KmsKeyId } = request.properties;
    const { ARN = '' } = await request.call<CreateSecretResponse>('secretsmanager', 'CreateSecret', {
      Name: request.properties.Name ?? request.physicalName(505),
      Description,
      KmsKeyId,
      SecretString: (await secretText(request)) ?? undefined,
      Tags: tagsOf(request),
    });
    return show(ARN);
  },

  /** A generated value stays as it is while how it is generated stays the same. */
  async update(request, current) {
    const SecretId = current.physicalId;
    const { Description = '', KmsKeyId, SecretString, GenerateSecretString } = request.properties;
    const before = current.properties;
    const changes =
      SecretString !== before.SecretString ||
      JSON.stringify(GenerateSecretString) !== JSON.stringify(before.GenerateSecretString);
    await request.call('secretsmanager', 'UpdateSecret', {
      SecretId,
      Description,
      KmsKeyId,
      ...(changes ? { SecretString: await secretText(request) } : {}),
    });
    const { Tags: old = [] } = await request.call<DescribeSecretResponse>(
      'secretsmanager',
      'DescribeSecret',
      { SecretId },
    );
    const Tags = tagsOf(request);
    const TagKeys = old.map(({ Key }) => Key).filter((key) => !Tags.some(({ Key }) => Key === key));
    if (TagKeys.length > 0) await request.call('secretsmanager', 'UntagResource', { SecretId, TagKeys });
    if (Tags.length > 0) await request.call('secretsmanager', 'TagResource', { SecretId, Tags });
    return show(SecretId);
  },

  /** CloudFormation deletes for good. */
  delete: (request, current) =>
    ignoreGone(
      request.call('secretsmanager', 'DeleteSecret', {
        SecretId: current.physicalId,
        ForceDeleteWithoutRecovery: true,
      }),
    ),
};

const show = (ARN: string): ResourceState => ({ physicalId: ARN, attributes: { Id: ARN } });

const tagsOf = ({ tags, properties }: ResourceRequest<SecretProperties>) => [
  ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  ...(properties.Tags ?? []),
];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html */
async function secretText(request: ResourceRequest<SecretProperties>): Promise<string | undefined> {
  const { SecretString, GenerateSecretString: generate } = request.properties;
  if (generate === undefined) return SecretString;
  if (SecretString !== undefined)
    throw new Fault(
      'InvalidRequestException',
      "You can't specify both SecretString and GenerateSecretString.",
    );
  const { SecretStringTemplate: template, GenerateStringKey: key, ...settings } = generate;
  const { RandomPassword = '' } = await request.call<GetRandomPasswordResponse>(
    'secretsmanager',
    'GetRandomPassword',
    settings,
  );
  if (template === undefined && key === undefined) return RandomPassword;
  if (template === undefined || key === undefined)
    throw new Fault(
      'InvalidRequestException',
      'SecretStringTemplate and GenerateStringKey must be specified together.',
    );
  return JSON.stringify({ ...parse(template), [key]: RandomPassword });
}

function parse(template: string): object {
  try {
    const value: unknown = JSON.parse(template);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw new Fault('InvalidRequestException', 'Could not parse SecretStringTemplate JSON.');
}

interface PolicyProperties {
  readonly SecretId: string;
  readonly ResourcePolicy: object | string;
  readonly BlockPublicPolicy?: boolean;
}

async function putPolicy(request: ResourceRequest<PolicyProperties>): Promise<ResourceState> {
  const { SecretId, ResourcePolicy, BlockPublicPolicy } = request.properties;
  const text = typeof ResourcePolicy === 'string' ? ResourcePolicy : JSON.stringify(ResourcePolicy);
  await request.call('secretsmanager', 'PutResourcePolicy', {
    SecretId,
    ResourcePolicy: text,
    BlockPublicPolicy,
  });
  return { physicalId: SecretId, attributes: { Id: SecretId } };
}

export const secretPolicyResourceType: ResourceType<PolicyProperties> = {
  type: 'AWS::SecretsManager::ResourcePolicy',
  create: putPolicy,
  update: putPolicy,
  delete: (request, current) =>
    ignoreGone(request.call('secretsmanager', 'DeleteResourcePolicy', { SecretId: current.physicalId })),
};

interface RotationProperties {
  readonly SecretId: string;
  readonly RotationLambdaARN?: string;
  readonly RotationRules?: object;
  readonly RotateImmediatelyOnUpdate?: boolean;
}

const rotate = async (request: ResourceRequest<RotationProperties>): Promise<ResourceState> => {
  const { SecretId, RotationLambdaARN, RotationRules, RotateImmediatelyOnUpdate = true } = request.properties;
  await request.call('secretsmanager', 'RotateSecret', {
    SecretId,
    RotationLambdaARN,
    RotationRules,
    RotateImmediately: RotateImmediatelyOnUpdate,
  });
  return { physicalId: SecretId, attributes: { Id: SecretId } };
};

export const rotationScheduleResourceType: ResourceType<RotationProperties> = {
  type: 'AWS::SecretsManager::RotationSchedule',
  unsupported: ['HostedRotationLambda', 'ExternalSecretRotationMetadata', 'ExternalSecretRotationRoleArn'],
  create: rotate,
  update: rotate,
  delete: (request, current) =>
    ignoreGone(request.call('secretsmanager', 'CancelRotateSecret', { SecretId: current.physicalId })),
};

async function ignoreGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== 'ResourceNotFoundException') throw thrown;
  }
}
