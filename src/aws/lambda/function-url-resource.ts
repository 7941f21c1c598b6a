/** AWS::Lambda::Url. */
import type { Cors, FunctionUrlConfig } from '@aws-sdk/client-lambda';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';
import { unlessGone } from './resource-deletion.ts';

interface UrlProperties {
  readonly TargetFunctionArn: string;
  readonly AuthType: string;
  readonly Qualifier?: string;
  readonly Cors?: Cors;
  readonly InvokeMode?: string;
}

export const functionUrlResource: ResourceType<UrlProperties> = {
  type: 'AWS::Lambda::Url',

  async create(request) {
    return stateOf(
      await request.call<FunctionUrlConfig>('lambda', 'CreateFunctionUrlConfig', inputOf(request)),
    );
  },

  async update(request) {
    const whole = { Cors: {}, InvokeMode: 'BUFFERED', ...inputOf(request) };
    return stateOf(await request.call<FunctionUrlConfig>('lambda', 'UpdateFunctionUrlConfig', whole));
  },

  async delete(request, current) {
    const { TargetFunctionArn: FunctionName, Qualifier } = current.properties;
    const target = { FunctionName, ...(Qualifier !== undefined && { Qualifier }) };
    await unlessGone(() => request.call('lambda', 'DeleteFunctionUrlConfig', target));
  },
};

function inputOf({ properties }: ResourceRequest<UrlProperties>): object {
  const { TargetFunctionArn, ...rest } = properties;
  return { FunctionName: TargetFunctionArn, ...rest };
}

const stateOf = ({ FunctionArn = '', FunctionUrl }: FunctionUrlConfig): ResourceState => ({
  physicalId: FunctionArn,
  attributes: { FunctionArn, FunctionUrl },
});
