/** AWS::Lambda::Function. */
import { isDeepStrictEqual } from 'node:util';
import type {
  CreateFunctionRequest,
  FunctionConfiguration,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';
import { limits } from '../../base/limits.ts';
import { packInlineCode } from './inline-code.ts';
import { unlessGone } from './resource-deletion.ts';

/** As templates write them: AWS's names, inline code as text, tags as a list. */
type FunctionProperties = Omit<UpdateFunctionConfigurationRequest, 'FunctionName' | 'RevisionId'> & {
  readonly FunctionName?: string;
  readonly Code: TemplateCode;
  readonly PackageType?: 'Zip' | 'Image';
  readonly Architectures?: CreateFunctionRequest['Architectures'];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly ReservedConcurrentExecutions?: number;
  readonly KmsKeyArn?: string;
  readonly RecursiveLoop?: string;
  readonly CodeSigningConfigArn?: string;
  readonly RuntimeManagementConfig?: {
    readonly UpdateRuntimeOn: string;
    readonly RuntimeVersionArn?: string;
  };
};

interface TemplateCode {
  readonly ZipFile?: string;
  readonly S3Bucket?: string;
  readonly S3Key?: string;
  readonly S3ObjectVersion?: string;
  readonly ImageUri?: string;
}

type Request = ResourceRequest<FunctionProperties>;

const MAX_NAME_CHARACTERS = 64;

export const functionResource: ResourceType<FunctionProperties> = {
  type: 'AWS::Lambda::Function',
  unsupported: [
    'CapacityProviderConfig',
    'DurableConfig',
    'FileSystemConfigs',
    'FunctionScalingConfig',
    'ImageConfig',
    'PublishToLatestPublished',
    'TenancyConfig',
    'VpcConfig',
  ],

  async create(request) {
    const {
      Code,
      Tags: _,
      KmsKeyArn,
      ReservedConcurrentExecutions,
      RecursiveLoop,
      RuntimeManagementConfig,
      ...settings
    } = request.properties;
    const FunctionName = settings.FunctionName ?? request.physicalName(MAX_NAME_CHARACTERS);
    const made = await request.call<FunctionConfiguration>('lambda', 'CreateFunction', {
      ...settings,
      FunctionName,
      Code: await codeOf(Code, settings.Runtime ?? ''),
      ...(KmsKeyArn && { KMSKeyArn: KmsKeyArn }),
      Tags: tagsOf(request, request.properties),
    });
    if (ReservedConcurrentExecutions !== undefined)
      await request.call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions });
    if (RecursiveLoop !== undefined)
      await request.call('lambda', 'PutFunctionRecursionConfig', { FunctionName, RecursiveLoop });
    if (RuntimeManagementConfig !== undefined)
      await request.call('lambda', 'PutRuntimeManagementConfig', {
        FunctionName,
        ...RuntimeManagementConfig,
      });
    return stateOf(made);
  },

  async update(request, current) {
    const { properties } = request;
    const FunctionName = current.physicalId;
    const before = current.properties;
    if (!isDeepStrictEqual(settingsOf(properties), settingsOf(before)))
      await request.call('lambda', 'UpdateFunctionConfiguration', {
        FunctionName,
        ...settingsOf(properties),
      });
    if (!isDeepStrictEqual(codePart(properties), codePart(before)))
      await request.call('lambda', 'UpdateFunctionCode', {
        FunctionName,
        ...(await codeOf(properties.Code, properties.Runtime ?? '')),
        ...(properties.Architectures && { Architectures: properties.Architectures }),
      });
    await updateConcurrency(request, FunctionName, before);
    await updateCodeSigning(request, FunctionName, before);
    if (properties.RecursiveLoop !== before.RecursiveLoop)
      await request.call('lambda', 'PutFunctionRecursionConfig', {
        FunctionName,
        RecursiveLoop: properties.RecursiveLoop ?? 'Terminate',
      });
    if (!isDeepStrictEqual(properties.RuntimeManagementConfig, before.RuntimeManagementConfig))
      await request.call('lambda', 'PutRuntimeManagementConfig', {
        FunctionName,
        ...(properties.RuntimeManagementConfig ?? { UpdateRuntimeOn: 'Auto' }),
      });
    const shown = await request.call<FunctionConfiguration>('lambda', 'GetFunctionConfiguration', {
      FunctionName,
    });
    await updateTags(request, shown.FunctionArn ?? '', before);
    return stateOf(shown);
  },

  async delete(request, current) {
    await unlessGone(() => request.call('lambda', 'DeleteFunction', { FunctionName: current.physicalId }));
  },
};

const stateOf = (shown: FunctionConfiguration): ResourceState => ({
  physicalId: shown.FunctionName ?? '',
  attributes: {
    Arn: shown.FunctionArn,
    SnapStartResponse: shown.SnapStart,
    'SnapStartResponse.ApplyOn': shown.SnapStart?.ApplyOn,
    'SnapStartResponse.OptimizationStatus': shown.SnapStart?.OptimizationStatus,
  },
});

async function codeOf({ ZipFile, ...source }: TemplateCode, runtime: string): Promise<object> {
  return ZipFile === undefined ? source : { ZipFile: await packInlineCode(ZipFile, runtime) };
}

/** The name of inline code's file depends on the runtime. */
const codePart = ({ Code, Architectures, Runtime }: FunctionProperties): unknown[] => [
  Code,
  Architectures,
  Code.ZipFile === undefined ? undefined : Runtime?.startsWith('python'),
];

/** What the template leaves out goes back to its default, so that an update can take a setting away. */
const settingsOf = (properties: FunctionProperties) => ({
  Role: properties.Role,
  Handler: properties.Handler,
  Runtime: properties.Runtime,
  Description: properties.Description ?? '',
  Timeout: properties.Timeout ?? limits.lambdaTimeoutSeconds.default,
  MemorySize: properties.MemorySize ?? limits.lambdaMemoryMb.default,
  Environment: { Variables: properties.Environment?.Variables ?? {} },
  DeadLetterConfig: { TargetArn: properties.DeadLetterConfig?.TargetArn ?? '' },
  TracingConfig: { Mode: properties.TracingConfig?.Mode ?? 'PassThrough' },
  EphemeralStorage: properties.EphemeralStorage ?? { Size: limits.lambdaEphemeralStorageMb.default },
  Layers: properties.Layers ?? [],
  KMSKeyArn: properties.KmsKeyArn ?? '',
  LoggingConfig: properties.LoggingConfig ?? { LogFormat: 'Text' },
  ...(properties.SnapStart && { SnapStart: properties.SnapStart }),
});

function tagsOf(request: Request, { Tags = [] }: FunctionProperties): Record<string, string> {
  return { ...request.tags, ...Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value])) };
}

async function updateConcurrency(
  request: Request,
  FunctionName: string,
  before: FunctionProperties,
): Promise<void> {
  const { ReservedConcurrentExecutions } = request.properties;
  if (ReservedConcurrentExecutions === before.ReservedConcurrentExecutions) return;
  if (ReservedConcurrentExecutions === undefined)
    await request.call('lambda', 'DeleteFunctionConcurrency', { FunctionName });
  else await request.call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions });
}

async function updateCodeSigning(
  request: Request,
  FunctionName: string,
  before: FunctionProperties,
): Promise<void> {
  const { CodeSigningConfigArn } = request.properties;
  if (CodeSigningConfigArn === before.CodeSigningConfigArn) return;
  if (CodeSigningConfigArn === undefined)
    await request.call('lambda', 'DeleteFunctionCodeSigningConfig', { FunctionName });
  else await request.call('lambda', 'PutFunctionCodeSigningConfig', { FunctionName, CodeSigningConfigArn });
}

async function updateTags(request: Request, Resource: string, before: FunctionProperties): Promise<void> {
  const Tags = tagsOf(request, request.properties);
  const gone = (before.Tags ?? []).map(({ Key }) => Key).filter((key) => !(key in Tags));
  if (gone.length > 0) await request.call('lambda', 'UntagResource', { Resource, TagKeys: gone });
  if (Object.keys(Tags).length > 0) await request.call('lambda', 'TagResource', { Resource, Tags });
}
