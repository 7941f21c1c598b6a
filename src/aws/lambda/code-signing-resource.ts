/** AWS::Lambda::CodeSigningConfig. */
import type { CodeSigningConfig, CreateCodeSigningConfigRequest } from '@aws-sdk/client-lambda';
import type { ResourceState, ResourceType } from '../../base/resource-type.ts';
import { unlessGone } from './resource-deletion.ts';

type Properties = Omit<CreateCodeSigningConfigRequest, 'Tags'> & {
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
};
interface Answer {
  readonly CodeSigningConfig?: CodeSigningConfig;
}

export const codeSigningConfigResource: ResourceType<Properties> = {
  type: 'AWS::Lambda::CodeSigningConfig',

  async create(request) {
    const { Tags = [], ...rest } = request.properties;
    return stateOf(
      await request.call<Answer>('lambda', 'CreateCodeSigningConfig', {
        ...rest,
        Tags: { ...request.tags, ...Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) },
      }),
    );
  },

  async update(request, current) {
    const { Tags = [], ...rest } = request.properties;
    const changed = await request.call<Answer>('lambda', 'UpdateCodeSigningConfig', {
      CodeSigningConfigArn: current.physicalId,
      Description: '',
      CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Warn' },
      ...rest,
    });
    const names = new Set(Tags.map(({ Key }) => Key));
    const gone = (current.properties.Tags ?? []).map(({ Key }) => Key).filter((key) => !names.has(key));
    const Resource = current.physicalId;
    if (gone.length > 0) await request.call('lambda', 'UntagResource', { Resource, TagKeys: gone });
    if (Tags.length > 0)
      await request.call('lambda', 'TagResource', {
        Resource,
        Tags: Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])),
      });
    return stateOf(changed);
  },

  async delete(request, current) {
    await unlessGone(() =>
      request.call('lambda', 'DeleteCodeSigningConfig', { CodeSigningConfigArn: current.physicalId }),
    );
  },
};

const stateOf = ({ CodeSigningConfig: made = {} as CodeSigningConfig }: Answer): ResourceState => ({
  physicalId: made.CodeSigningConfigArn ?? '',
  attributes: {
    CodeSigningConfigArn: made.CodeSigningConfigArn,
    CodeSigningConfigId: made.CodeSigningConfigId,
  },
});
