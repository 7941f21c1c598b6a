/** AWS::Events::EventBus, EventBusPolicy, Rule, Connection and ApiDestination. */
import type {
  CreateApiDestinationResponse,
  CreateConnectionResponse,
  CreateEventBusResponse,
  DescribeConnectionResponse,
  ListTagsForResourceResponse,
  ListTargetsByRuleResponse,
  PutRuleResponse,
  Target,
} from '@aws-sdk/client-eventbridge';
import { isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

interface CfnTag {
  readonly Key: string;
  readonly Value: string;
}

const tagsOf = <P extends { readonly Tags?: readonly CfnTag[] }>({
  tags,
  properties,
}: ResourceRequest<P>) => [
  ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
  ...(properties.Tags ?? []),
];

async function replaceTags(
  request: ResourceRequest<{ readonly Tags?: readonly CfnTag[] }>,
  ResourceARN: string,
) {
  const { Tags: before = [] } = await request.call<ListTagsForResourceResponse>(
    'events',
    'ListTagsForResource',
    {
      ResourceARN,
    },
  );
  const Tags = tagsOf(request);
  const TagKeys = before.map(({ Key }) => Key).filter((key) => !Tags.some(({ Key }) => Key === key));
  if (TagKeys.length > 0) await request.call('events', 'UntagResource', { ResourceARN, TagKeys });
  if (Tags.length > 0) await request.call('events', 'TagResource', { ResourceARN, Tags });
}

const textOf = (value: object | string): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

async function ignoreGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (thrown) {
    if (!isFault(thrown) || thrown.code !== 'ResourceNotFoundException') throw thrown;
  }
}

interface BusProperties {
  readonly Name: string;
  readonly Description?: string;
  readonly KmsKeyIdentifier?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly Policy?: object | string;
  readonly Tags?: readonly CfnTag[];
}

export const eventBusResourceType: ResourceType<BusProperties> = {
  type: 'AWS::Events::EventBus',
  unsupported: ['EventSourceName', 'LogConfig'],

  async create(request) {
    const { Name, Policy, Tags: _, ...settings } = request.properties;
    const { EventBusArn } = await request.call<CreateEventBusResponse>('events', 'CreateEventBus', {
      Name,
      ...settings,
      Tags: tagsOf(request),
    });
    await setPolicy(request, Name, Policy);
    return { physicalId: Name, attributes: { Arn: EventBusArn, Name, Policy } };
  },

  async update(request, current) {
    const { Name, Policy, Tags: _, ...settings } = request.properties;
    await request.call('events', 'UpdateEventBus', { Name, ...settings });
    if (Policy === undefined && current.properties.Policy !== undefined)
      await request.call('events', 'RemovePermission', { EventBusName: Name, RemoveAllPermissions: true });
    await setPolicy(request, Name, Policy);
    await replaceTags(request, String(current.attributes?.['Arn']));
    return { physicalId: Name, attributes: { ...current.attributes, Policy } };
  },

  delete: (request, current) =>
    ignoreGone(request.call('events', 'DeleteEventBus', { Name: current.physicalId })),
};

async function setPolicy(
  request: ResourceRequest<BusProperties>,
  EventBusName: string,
  policy: BusProperties['Policy'],
) {
  if (policy !== undefined)
    await request.call('events', 'PutPermission', { EventBusName, Policy: textOf(policy) });
}

interface BusPolicyProperties {
  readonly EventBusName?: string;
  readonly StatementId: string;
  readonly Action?: string;
  readonly Principal?: string;
  readonly Condition?: { readonly Key?: string; readonly Type?: string; readonly Value?: string };
  readonly Statement?: object;
}

/** A statement as a whole may name more than PutPermission's parameters can: it is put into the policy as it is. */
export const eventBusPolicyResourceType: ResourceType<BusPolicyProperties> = {
  type: 'AWS::Events::EventBusPolicy',
  create: (request) => putStatement(request),
  update: (request) => putStatement(request),
  delete: (request, current) =>
    ignoreGone(
      request.call('events', 'RemovePermission', {
        EventBusName: current.properties.EventBusName ?? 'default',
        StatementId: current.properties.StatementId,
      }),
    ),
};

async function putStatement(request: ResourceRequest<BusPolicyProperties>): Promise<ResourceState> {
  const { EventBusName = 'default', StatementId, Statement, ...parameters } = request.properties;
  if (Statement === undefined)
    await request.call('events', 'PutPermission', { EventBusName, StatementId, ...parameters });
  else {
    const { Policy } = await request.call<{ Policy?: string }>('events', 'DescribeEventBus', {
      Name: EventBusName,
    });
    const before = JSON.parse(Policy ?? '{"Statement":[]}') as { Statement: { Sid?: string }[] }; // checked when it was set
    const kept = before.Statement.filter(({ Sid }) => Sid !== StatementId);
    const policy = { Version: '2012-10-17', Statement: [...kept, { ...Statement, Sid: StatementId }] };
    await request.call('events', 'PutPermission', { EventBusName, Policy: JSON.stringify(policy) });
  }
  return { physicalId: `${EventBusName}|${StatementId}` };
}

interface RuleProperties {
  readonly Name?: string;
  readonly EventBusName?: string;
  readonly EventPattern?: object | string;
  readonly ScheduleExpression?: string;
  readonly Description?: string;
  readonly RoleArn?: string;
  readonly State?: string;
  readonly Targets?: readonly Target[];
  readonly Tags?: readonly CfnTag[];
}

export const ruleResourceType: ResourceType<RuleProperties> = {
  type: 'AWS::Events::Rule',

  async create(request) {
    const Name = request.properties.Name ?? request.physicalName(64);
    return putRule(request, Name, []);
  },

  async update(request, current) {
    const Name = String(current.attributes?.['RuleName'] ?? current.physicalId);
    const { EventBusName } = request.properties;
    const { Targets: before = [] } = await request.call<ListTargetsByRuleResponse>(
      'events',
      'ListTargetsByRule',
      {
        Rule: Name,
        EventBusName,
      },
    );
    const state = await putRule(request, Name, before);
    await replaceTags(request, String(state.attributes?.['Arn']));
    return state;
  },

  async delete(request, current) {
    const Name = String(current.attributes?.['RuleName'] ?? current.physicalId);
    const { EventBusName, Targets = [] } = current.properties;
    if (Targets.length > 0)
      await ignoreGone(
        request.call('events', 'RemoveTargets', {
          Rule: Name,
          EventBusName,
          Ids: Targets.map(({ Id }) => Id),
        }),
      );
    await ignoreGone(request.call('events', 'DeleteRule', { Name, EventBusName }));
  },
};

async function putRule(
  request: ResourceRequest<RuleProperties>,
  Name: string,
  before: readonly Target[],
): Promise<ResourceState> {
  const { EventBusName, EventPattern, Targets = [], Tags: _, ...settings } = request.properties;
  const { RuleArn } = await request.call<PutRuleResponse>('events', 'PutRule', {
    ...settings,
    Name,
    EventBusName,
    ...(EventPattern === undefined ? {} : { EventPattern: textOf(EventPattern) }),
    Tags: tagsOf(request),
  });
  const gone = before.map(({ Id }) => Id).filter((id) => !Targets.some(({ Id }) => Id === id));
  if (gone.length > 0) await request.call('events', 'RemoveTargets', { Rule: Name, EventBusName, Ids: gone });
  if (Targets.length > 0) await request.call('events', 'PutTargets', { Rule: Name, EventBusName, Targets });
  const isDefault = EventBusName === undefined || EventBusName === 'default';
  return {
    physicalId: isDefault ? Name : `${EventBusName}|${Name}`,
    attributes: { Arn: RuleArn, RuleName: Name },
  };
}

interface ConnectionProperties {
  readonly Name?: string;
  readonly Description?: string;
  readonly AuthorizationType?: string;
  readonly AuthParameters?: object;
}

export const connectionResourceType: ResourceType<ConnectionProperties> = {
  type: 'AWS::Events::Connection',
  unsupported: ['InvocationConnectivityParameters', 'KmsKeyIdentifier'],

  async create(request) {
    const Name = request.properties.Name ?? request.physicalName(64);
    await request.call<CreateConnectionResponse>('events', 'CreateConnection', {
      ...request.properties,
      Name,
    });
    return showConnection(request, Name);
  },

  async update(request, current) {
    await request.call('events', 'UpdateConnection', { ...request.properties, Name: current.physicalId });
    return showConnection(request, current.physicalId);
  },

  delete: (request, current) =>
    ignoreGone(request.call('events', 'DeleteConnection', { Name: current.physicalId })),
};

async function showConnection(
  request: ResourceRequest<ConnectionProperties>,
  Name: string,
): Promise<ResourceState> {
  const found = await request.call<DescribeConnectionResponse>('events', 'DescribeConnection', { Name });
  const forPolicy = found.ConnectionArn?.split('/').slice(0, 2).join('/');
  return {
    physicalId: Name,
    attributes: { Arn: found.ConnectionArn, ArnForPolicy: forPolicy, SecretArn: found.SecretArn },
  };
}

interface DestinationProperties {
  readonly Name?: string;
  readonly ConnectionArn: string;
  readonly InvocationEndpoint: string;
  readonly HttpMethod: string;
  readonly InvocationRateLimitPerSecond?: number;
  readonly Description?: string;
}

export const apiDestinationResourceType: ResourceType<DestinationProperties> = {
  type: 'AWS::Events::ApiDestination',

  async create(request) {
    const Name = request.properties.Name ?? request.physicalName(64);
    const made = await request.call<CreateApiDestinationResponse>('events', 'CreateApiDestination', {
      ...request.properties,
      Name,
    });
    return showDestination(Name, made.ApiDestinationArn);
  },

  async update(request, current) {
    await request.call('events', 'UpdateApiDestination', { ...request.properties, Name: current.physicalId });
    return { physicalId: current.physicalId, attributes: current.attributes ?? {} };
  },

  delete: (request, current) =>
    ignoreGone(request.call('events', 'DeleteApiDestination', { Name: current.physicalId })),
};

const showDestination = (Name: string, arn: string | undefined): ResourceState => ({
  physicalId: Name,
  attributes: { Arn: arn, ArnForPolicy: arn?.split('/').slice(0, 2).join('/') },
});
