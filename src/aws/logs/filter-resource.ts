/** AWS::Logs::MetricFilter and AWS::Logs::SubscriptionFilter. */
import type { MetricTransformation } from '@aws-sdk/client-cloudwatch-logs';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';
import { unlessGone } from './resource-deletion.ts';

const MAX_NAME_CHARACTERS = 512;

interface MetricFilterProperties {
  readonly FilterName?: string;
  readonly FilterPattern: string;
  readonly LogGroupName: string;
  readonly MetricTransformations: readonly TemplateTransformation[];
}

/** Templates write the members with capitals and list the dimensions. */
interface TemplateTransformation {
  readonly MetricName: string;
  readonly MetricNamespace: string;
  readonly MetricValue: string;
  readonly DefaultValue?: number;
  readonly Unit?: NonNullable<MetricTransformation['unit']>;
  readonly Dimensions?: readonly { readonly Key: string; readonly Value: string }[];
}

export const metricFilterResource: ResourceType<MetricFilterProperties> = {
  type: 'AWS::Logs::MetricFilter',
  unsupported: ['ApplyOnTransformedLogs', 'EmitSystemFieldDimensions', 'FieldSelectionCriteria'],
  create: (request) =>
    putMetricFilter(request, request.properties.FilterName ?? request.physicalName(MAX_NAME_CHARACTERS)),
  update: (request, current) => putMetricFilter(request, current.physicalId),

  async delete(request, current) {
    const names = { logGroupName: current.properties.LogGroupName, filterName: current.physicalId };
    await unlessGone(() => request.call('logs', 'DeleteMetricFilter', names));
  },
};

async function putMetricFilter(
  request: ResourceRequest<MetricFilterProperties>,
  filterName: string,
): Promise<ResourceState> {
  const { LogGroupName, FilterPattern, MetricTransformations } = request.properties;
  await request.call('logs', 'PutMetricFilter', {
    logGroupName: LogGroupName,
    filterName,
    filterPattern: FilterPattern,
    metricTransformations: MetricTransformations.map(transformationOf),
  });
  return { physicalId: filterName };
}

const transformationOf = (one: TemplateTransformation): MetricTransformation => ({
  metricName: one.MetricName,
  metricNamespace: one.MetricNamespace,
  metricValue: one.MetricValue,
  ...(one.DefaultValue !== undefined && { defaultValue: one.DefaultValue }),
  ...(one.Unit !== undefined && { unit: one.Unit }),
  ...(one.Dimensions && {
    dimensions: Object.fromEntries(one.Dimensions.map(({ Key, Value }) => [Key, Value])),
  }),
});

interface SubscriptionFilterProperties {
  readonly DestinationArn: string;
  readonly FilterName?: string;
  readonly FilterPattern: string;
  readonly LogGroupName: string;
  readonly Distribution?: string;
  readonly RoleArn?: string;
}

export const subscriptionFilterResource: ResourceType<SubscriptionFilterProperties> = {
  type: 'AWS::Logs::SubscriptionFilter',
  unsupported: ['ApplyOnTransformedLogs', 'EmitSystemFields', 'FieldSelectionCriteria'],
  create: (request) =>
    putSubscriptionFilter(
      request,
      request.properties.FilterName ?? request.physicalName(MAX_NAME_CHARACTERS),
    ),
  update: (request, current) => putSubscriptionFilter(request, current.physicalId),

  async delete(request, current) {
    const names = { logGroupName: current.properties.LogGroupName, filterName: current.physicalId };
    await unlessGone(() => request.call('logs', 'DeleteSubscriptionFilter', names));
  },
};

async function putSubscriptionFilter(
  request: ResourceRequest<SubscriptionFilterProperties>,
  filterName: string,
): Promise<ResourceState> {
  const { LogGroupName, FilterPattern, DestinationArn, Distribution, RoleArn } = request.properties;
  await request.call('logs', 'PutSubscriptionFilter', {
    logGroupName: LogGroupName,
    filterName,
    filterPattern: FilterPattern,
    destinationArn: DestinationArn,
    ...(Distribution !== undefined && { distribution: Distribution }),
    ...(RoleArn !== undefined && { roleArn: RoleArn }),
  });
  return { physicalId: filterName };
}
