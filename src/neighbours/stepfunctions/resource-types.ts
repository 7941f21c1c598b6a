/** AWS::StepFunctions::*. */
import { Readable } from 'node:stream';
import type {
  CreateActivityOutput,
  CreateStateMachineAliasOutput,
  CreateStateMachineOutput,
  DescribeStateMachineOutput,
  LoggingConfiguration,
  PublishStateMachineVersionOutput,
} from '@aws-sdk/client-sfn';
import { Fault, isFault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';

interface MachineProperties {
  readonly StateMachineName?: string;
  readonly StateMachineType?: string;
  readonly RoleArn: string;
  readonly DefinitionString?: string;
  readonly Definition?: object;
  readonly DefinitionS3Location?: {
    readonly Bucket: string;
    readonly Key: string;
    readonly Version?: string;
  };
  readonly DefinitionSubstitutions?: Readonly<Record<string, unknown>>;
  readonly LoggingConfiguration?: {
    readonly Level?: LoggingConfiguration['level'];
    readonly IncludeExecutionData?: boolean;
    readonly Destinations?: readonly {
      readonly CloudWatchLogsLogGroup?: { readonly LogGroupArn?: string };
    }[];
  };
  readonly TracingConfiguration?: { readonly Enabled?: boolean };
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

type MachineRequest = ResourceRequest<MachineProperties>;

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-stepfunctions-statemachine.html */
export const stateMachineResource: ResourceType<MachineProperties> = {
  type: 'AWS::StepFunctions::StateMachine',
  unsupported: ['EncryptionConfiguration'],

  async create(request) {
    const { properties } = request;
    const name = properties.StateMachineName ?? request.physicalName(80);
    const made = await request.call<CreateStateMachineOutput>('stepfunctions', 'CreateStateMachine', {
      name,
      ...(properties.StateMachineType && { type: properties.StateMachineType }),
      ...(await settingsOf(request)),
      tags: tagsOf(request),
    });
    return showMachine(request, made.stateMachineArn ?? '');
  },

  async update(request, current) {
    const stateMachineArn = current.physicalId;
    await request.call('stepfunctions', 'UpdateStateMachine', {
      stateMachineArn,
      ...(await settingsOf(request)),
    });
    await updateTags(request, stateMachineArn, current.properties.Tags);
    return showMachine(request, stateMachineArn);
  },

  async delete(request, current) {
    await request.call('stepfunctions', 'DeleteStateMachine', { stateMachineArn: current.physicalId });
  },
};

async function settingsOf(request: MachineRequest) {
  const { LoggingConfiguration: logging, TracingConfiguration: tracing, RoleArn } = request.properties;
  return {
    roleArn: RoleArn,
    definition: await definitionOf(request),
    loggingConfiguration: {
      level: logging?.Level ?? 'OFF',
      includeExecutionData: logging?.IncludeExecutionData ?? false,
      destinations: (logging?.Destinations ?? []).map(({ CloudWatchLogsLogGroup: group }) => ({
        cloudWatchLogsLogGroup: { logGroupArn: group?.LogGroupArn },
      })),
    },
    tracingConfiguration: { enabled: tracing?.Enabled ?? false },
  };
}

/** The definition with its substitutions: `${Name}` stands for a value. */
async function definitionOf(request: MachineRequest): Promise<string> {
  const {
    Definition,
    DefinitionString,
    DefinitionS3Location,
    DefinitionSubstitutions = {},
  } = request.properties;
  const given = [Definition, DefinitionString, DefinitionS3Location].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new Fault(
      'ValidationException',
      'Property validation failure: exactly one of Definition, DefinitionString and DefinitionS3Location is required',
    );
  const text =
    DefinitionString ??
    (Definition === undefined ? await readDefinition(request) : JSON.stringify(Definition));
  return text.replace(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) =>
    Object.hasOwn(DefinitionSubstitutions, name) ? substituted(DefinitionSubstitutions[name]) : whole,
  );
}

/** Inside a JSON text: quotes of the value are escaped. */
const substituted = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value).slice(1, -1) : JSON.stringify(value);

async function readDefinition({ properties, call }: MachineRequest): Promise<string> {
  const { Bucket, Key, Version } = properties.DefinitionS3Location ?? { Bucket: '', Key: '' };
  const { Body } = await call<{ readonly Body?: unknown }>('s3', 'GetObject', {
    Bucket,
    Key,
    ...(Version !== undefined && { VersionId: Version }),
  });
  return Body instanceof Readable ? Buffer.concat(await Body.toArray()).toString('utf8') : '';
}

async function showMachine(request: MachineRequest, arn: string): Promise<ResourceState> {
  const { name, revisionId } = await request.call<DescribeStateMachineOutput>(
    'stepfunctions',
    'DescribeStateMachine',
    { stateMachineArn: arn },
  );
  return {
    physicalId: arn,
    attributes: { Arn: arn, Name: name, StateMachineRevisionId: revisionId },
  };
}

interface Tagged {
  readonly Tags?: MachineProperties['Tags'];
}

const tagsOf = ({ tags, properties }: ResourceRequest<Tagged>) =>
  Object.entries({
    ...tags,
    ...Object.fromEntries((properties.Tags ?? []).map(({ Key, Value }) => [Key, Value])),
  }).map(([key, value]) => ({ key, value }));

async function updateTags(
  request: ResourceRequest<Tagged>,
  resourceArn: string,
  before: MachineProperties['Tags'] = [],
): Promise<void> {
  const tags = tagsOf(request);
  const tagKeys = before.map(({ Key }) => Key).filter((key) => !tags.some((tag) => tag.key === key));
  if (tagKeys.length > 0) await request.call('stepfunctions', 'UntagResource', { resourceArn, tagKeys });
  await request.call('stepfunctions', 'TagResource', { resourceArn, tags });
}

interface VersionProperties {
  readonly StateMachineArn: string;
  readonly StateMachineRevisionId?: string;
  readonly Description?: string;
}

export const versionResource: ResourceType<VersionProperties> = {
  type: 'AWS::StepFunctions::StateMachineVersion',
  async create({ properties, call }) {
    const {
      StateMachineArn: stateMachineArn,
      StateMachineRevisionId: revisionId,
      Description: description,
    } = properties;
    const made = await call<PublishStateMachineVersionOutput>('stepfunctions', 'PublishStateMachineVersion', {
      stateMachineArn,
      revisionId,
      description,
    });
    const arn = made.stateMachineVersionArn ?? '';
    return { physicalId: arn, attributes: { Arn: arn } };
  },
  async delete({ call }, { physicalId }) {
    await call('stepfunctions', 'DeleteStateMachineVersion', { stateMachineVersionArn: physicalId });
  },
};

interface AliasProperties {
  readonly Name?: string;
  readonly Description?: string;
  readonly RoutingConfiguration?: readonly {
    readonly StateMachineVersionArn: string;
    readonly Weight: number;
  }[];
}

const routes = ({ RoutingConfiguration }: AliasProperties) =>
  RoutingConfiguration?.map(({ StateMachineVersionArn, Weight }) => ({
    stateMachineVersionArn: StateMachineVersionArn,
    weight: Weight,
  }));

export const aliasResource: ResourceType<AliasProperties> = {
  type: 'AWS::StepFunctions::StateMachineAlias',
  unsupported: ['DeploymentPreference'],
  async create(request) {
    const { properties } = request;
    const made = await request.call<CreateStateMachineAliasOutput>(
      'stepfunctions',
      'CreateStateMachineAlias',
      {
        name: properties.Name ?? request.physicalName(80),
        description: properties.Description,
        routingConfiguration: routes(properties),
      },
    );
    const arn = made.stateMachineAliasArn ?? '';
    return { physicalId: arn, attributes: { Arn: arn } };
  },
  async update({ properties, call }, { physicalId }) {
    await call('stepfunctions', 'UpdateStateMachineAlias', {
      stateMachineAliasArn: physicalId,
      description: properties.Description ?? '',
      routingConfiguration: routes(properties),
    });
    return { physicalId, attributes: { Arn: physicalId } };
  },
  async delete({ call }, { physicalId }) {
    await call('stepfunctions', 'DeleteStateMachineAlias', { stateMachineAliasArn: physicalId });
  },
};

interface ActivityProperties extends Tagged {
  readonly Name: string;
}

export const activityResource: ResourceType<ActivityProperties> = {
  type: 'AWS::StepFunctions::Activity',
  unsupported: ['EncryptionConfiguration'],
  async create(request) {
    const { Name } = request.properties;
    const made = await request.call<CreateActivityOutput>('stepfunctions', 'CreateActivity', {
      name: Name,
      tags: tagsOf(request),
    });
    return { physicalId: made.activityArn ?? '', attributes: { Arn: made.activityArn, Name } };
  },
  async update(request, current) {
    await updateTags(request, current.physicalId, current.properties.Tags);
    return current;
  },
  async delete({ call }, { physicalId }) {
    await call('stepfunctions', 'DeleteActivity', { activityArn: physicalId }).catch((thrown: unknown) => {
      if (!isFault(thrown) || thrown.code !== 'ActivityDoesNotExist') throw thrown;
    });
  },
};
