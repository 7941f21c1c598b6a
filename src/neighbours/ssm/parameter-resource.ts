/** AWS::SSM::Parameter. */
import type { ListTagsForResourceResult } from '@aws-sdk/client-ssm';
import { arnOf } from '../../base/arn.ts';
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

interface ParameterProperties {
  readonly Name?: string;
  readonly Type: string;
  readonly Value: string;
  readonly Description?: string;
  readonly AllowedPattern?: string;
  readonly DataType?: string;
  readonly Policies?: string;
  readonly Tier?: string;
  readonly Tags?: Readonly<Record<string, string>>;
}

export const parameterResourceType: ResourceType<ParameterProperties> = {
  type: 'AWS::SSM::Parameter',

  async create(request) {
    const { Name = request.physicalName(1011), Tags: _, ...properties } = request.properties;
    const Tags = tagsOf(request);
    await request.call('ssm', 'PutParameter', { ...properties, Name, Tags });
    return show(request, Name);
  },

  async update(request, current) {
    const Name = current.physicalId;
    const { Name: _, Tags: __, ...properties } = request.properties;
    await request.call('ssm', 'PutParameter', { ...properties, Name, Overwrite: true });
    await replaceTags(request, Name);
    return show(request, Name);
  },

  async delete(request, current) {
    try {
      await request.call('ssm', 'DeleteParameter', { Name: current.physicalId });
    } catch (thrown) {
      if (!isFault(thrown) || thrown.code !== 'ParameterNotFound') throw thrown;
    }
  },
};

const tagsOf = ({ tags, properties }: ResourceRequest<ParameterProperties>) =>
  Object.entries({ ...tags, ...properties.Tags }).map(([Key, Value]) => ({ Key, Value }));

async function replaceTags(request: ResourceRequest<ParameterProperties>, ResourceId: string): Promise<void> {
  const named = { ResourceType: 'Parameter', ResourceId };
  const { TagList: before = [] } = await request.call<ListTagsForResourceResult>(
    'ssm',
    'ListTagsForResource',
    named,
  );
  const Tags = tagsOf(request);
  const TagKeys = before.map(({ Key }) => Key).filter((key) => !Tags.some(({ Key }) => Key === key));
  if (TagKeys.length > 0) await request.call('ssm', 'RemoveTagsFromResource', { ...named, TagKeys });
  if (Tags.length > 0) await request.call('ssm', 'AddTagsToResource', { ...named, Tags });
}

const show = ({ scope, properties }: ResourceRequest<ParameterProperties>, Name: string): ResourceState => ({
  physicalId: Name,
  attributes: {
    Arn: arnOf(scope, 'ssm', `parameter${Name.startsWith('/') ? '' : '/'}${Name}`),
    Type: properties.Type,
    Value: properties.Value,
  },
});
