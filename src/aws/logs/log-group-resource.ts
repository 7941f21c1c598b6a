/** AWS::Logs::LogGroup. */
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';
import { logGroupArn } from './log-group-access.ts';
import { unlessGone } from './resource-deletion.ts';

interface LogGroupProperties {
  readonly LogGroupName?: string;
  readonly RetentionInDays?: number;
  readonly LogGroupClass?: string;
  readonly DeletionProtectionEnabled?: boolean;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

type Request = ResourceRequest<LogGroupProperties>;

export const logGroupResource: ResourceType<LogGroupProperties> = {
  type: 'AWS::Logs::LogGroup',
  unsupported: [
    'BearerTokenAuthenticationEnabled',
    'DataProtectionPolicy',
    'FieldIndexPolicies',
    'KmsKeyId',
    'ResourcePolicyDocument',
  ],

  async create(request) {
    const { properties } = request;
    const logGroupName = properties.LogGroupName ?? request.physicalName(512);
    await request.call('logs', 'CreateLogGroup', {
      logGroupName,
      tags: tagsOf(request, properties),
      ...(properties.LogGroupClass && { logGroupClass: properties.LogGroupClass }),
      ...(properties.DeletionProtectionEnabled && { deletionProtectionEnabled: true }),
    });
    const retentionInDays = properties.RetentionInDays;
    if (retentionInDays !== undefined)
      await request.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    return stateOf(request, logGroupName);
  },

  async update(request, current) {
    const logGroupName = current.physicalId;
    const { RetentionInDays: retentionInDays, DeletionProtectionEnabled = false } = request.properties;
    const before = current.properties;
    if (retentionInDays === undefined) await request.call('logs', 'DeleteRetentionPolicy', { logGroupName });
    else await request.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    if (DeletionProtectionEnabled !== (before.DeletionProtectionEnabled ?? false))
      await request.call('logs', 'PutLogGroupDeletionProtection', {
        logGroupIdentifier: logGroupName,
        deletionProtectionEnabled: DeletionProtectionEnabled,
      });
    await updateTags(request, logGroupName, before);
    return stateOf(request, logGroupName);
  },

  async delete(request, current) {
    await unlessGone(() => request.call('logs', 'DeleteLogGroup', { logGroupName: current.physicalId }));
  },
};

const stateOf = (request: Request, name: string): ResourceState => ({
  physicalId: name,
  attributes: { Arn: `${logGroupArn(request.scope, name)}:*` },
});

const tagsOf = (request: Request, { Tags = [] }: LogGroupProperties): Record<string, string> => ({
  ...request.tags,
  ...Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
});

async function updateTags(request: Request, name: string, before: LogGroupProperties): Promise<void> {
  const resourceArn = logGroupArn(request.scope, name);
  const tags = tagsOf(request, request.properties);
  const gone = (before.Tags ?? []).map(({ Key }) => Key).filter((key) => !(key in tags));
  if (gone.length > 0) await request.call('logs', 'UntagResource', { resourceArn, tagKeys: gone });
  if (Object.keys(tags).length > 0) await request.call('logs', 'TagResource', { resourceArn, tags });
}
