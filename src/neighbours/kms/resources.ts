/** AWS::KMS::Key and Alias. */
import type { CreateKeyResponse, ListResourceTagsResponse } from '@aws-sdk/client-kms';
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceType } from '../../base/resource-type.ts';

interface KeyProperties {
  readonly Description?: string;
  readonly Enabled?: boolean;
  readonly EnableKeyRotation?: boolean;
  readonly RotationPeriodInDays?: number;
  readonly KeyPolicy?: object | string;
  readonly KeySpec?: string;
  readonly KeyUsage?: string;
  readonly MultiRegion?: boolean;
  readonly Origin?: string;
  readonly PendingWindowInDays?: number;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

export const keyResourceType: ResourceType<KeyProperties> = {
  type: 'AWS::KMS::Key',

  async create(request) {
    const { Description, KeyPolicy, KeySpec, KeyUsage, MultiRegion, Origin } = request.properties;
    const { KeyMetadata } = await request.call<CreateKeyResponse>('kms', 'CreateKey', {
      Description,
      KeySpec,
      KeyUsage,
      MultiRegion,
      Origin,
      ...(KeyPolicy === undefined ? {} : { Policy: textOf(KeyPolicy) }),
      Tags: tagsOf(request),
    });
    const KeyId = KeyMetadata?.KeyId ?? '';
    await applySettings(request, KeyId, {});
    return { physicalId: KeyId, attributes: { Arn: KeyMetadata?.Arn, KeyId } };
  },

  async update(request, current) {
    const KeyId = current.physicalId;
    const { properties } = request;
    if (properties.Description !== current.properties.Description)
      await request.call('kms', 'UpdateKeyDescription', { KeyId, Description: properties.Description ?? '' });
    if (properties.KeyPolicy !== undefined)
      await request.call('kms', 'PutKeyPolicy', { KeyId, Policy: textOf(properties.KeyPolicy) });
    await applySettings(request, KeyId, current.properties);
    await replaceTags(request, KeyId);
    return { physicalId: KeyId, attributes: current.attributes ?? {} };
  },

  async delete(request, current) {
    const { PendingWindowInDays = 30 } = current.properties;
    try {
      await request.call('kms', 'ScheduleKeyDeletion', { KeyId: current.physicalId, PendingWindowInDays });
    } catch (thrown) {
      if (!isFault(thrown) || !['NotFoundException', 'KMSInvalidStateException'].includes(thrown.code))
        throw thrown;
    }
  },
};

const textOf = (policy: object | string): string =>
  typeof policy === 'string' ? policy : JSON.stringify(policy);

const tagsOf = ({ tags, properties }: ResourceRequest<KeyProperties>) => [
  ...Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
  ...(properties.Tags ?? []).map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value })),
];

async function applySettings(
  request: ResourceRequest<KeyProperties>,
  KeyId: string,
  before: KeyProperties,
): Promise<void> {
  const { Enabled = true, EnableKeyRotation = false, RotationPeriodInDays } = request.properties;
  const had = before.EnableKeyRotation ?? false;
  if (EnableKeyRotation && (!had || RotationPeriodInDays !== before.RotationPeriodInDays))
    await request.call('kms', 'EnableKeyRotation', { KeyId, RotationPeriodInDays });
  if (!EnableKeyRotation && had) await request.call('kms', 'DisableKeyRotation', { KeyId });
  if (Enabled !== (before.Enabled ?? true))
    await request.call('kms', Enabled ? 'EnableKey' : 'DisableKey', { KeyId });
}

async function replaceTags(request: ResourceRequest<KeyProperties>, KeyId: string): Promise<void> {
  const { Tags: before = [] } = await request.call<ListResourceTagsResponse>('kms', 'ListResourceTags', {
    KeyId,
  });
  const Tags = tagsOf(request);
  const TagKeys = before
    .map(({ TagKey }) => TagKey)
    .filter((key) => !Tags.some(({ TagKey }) => TagKey === key));
  if (TagKeys.length > 0) await request.call('kms', 'UntagResource', { KeyId, TagKeys });
  if (Tags.length > 0) await request.call('kms', 'TagResource', { KeyId, Tags });
}

interface AliasProperties {
  readonly AliasName: string;
  readonly TargetKeyId: string;
}

export const aliasResourceType: ResourceType<AliasProperties> = {
  type: 'AWS::KMS::Alias',

  async create(request) {
    const { AliasName, TargetKeyId } = request.properties;
    await request.call('kms', 'CreateAlias', { AliasName, TargetKeyId });
    return { physicalId: AliasName };
  },

  async update(request, current) {
    const { TargetKeyId } = request.properties;
    await request.call('kms', 'UpdateAlias', { AliasName: current.physicalId, TargetKeyId });
    return { physicalId: current.physicalId };
  },

  async delete(request, current) {
    try {
      await request.call('kms', 'DeleteAlias', { AliasName: current.physicalId });
    } catch (thrown) {
      if (!isFault(thrown) || thrown.code !== 'NotFoundException') throw thrown;
    }
  },
};
