/** AWS::Lambda::EventInvokeConfig. */
import type { DestinationConfig } from '@aws-sdk/client-lambda';
import type { ResourceState, ResourceType } from '../../base/resource-type.ts';
import { unlessGone } from './resource-deletion.ts';

interface EventInvokeConfigProperties {
  readonly FunctionName: string;
  readonly Qualifier: string;
  readonly DestinationConfig?: DestinationConfig;
  readonly MaximumEventAgeInSeconds?: number;
  readonly MaximumRetryAttempts?: number;
}

export const eventInvokeConfigResource: ResourceType<EventInvokeConfigProperties> = {
  type: 'AWS::Lambda::EventInvokeConfig',

  async create(request) {
    await request.call('lambda', 'PutFunctionEventInvokeConfig', request.properties);
    return stateOf(request.properties);
  },

  async update(request) {
    // Put replaces the whole record: what the template no longer says is gone.
    await request.call('lambda', 'PutFunctionEventInvokeConfig', request.properties);
    return stateOf(request.properties);
  },

  async delete(request, current) {
    const { FunctionName, Qualifier } = current.properties;
    await unlessGone(() =>
      request.call('lambda', 'DeleteFunctionEventInvokeConfig', { FunctionName, Qualifier }),
    );
  },
};

const stateOf = ({ FunctionName, Qualifier }: EventInvokeConfigProperties): ResourceState => ({
  physicalId: `${FunctionName}|${Qualifier}`,
});
