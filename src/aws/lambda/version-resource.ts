/** AWS::Lambda::Version. */
import type { FunctionConfiguration, ListVersionsByFunctionResponse } from '@aws-sdk/client-lambda';
import { Fault } from '../../base/fault.ts';
import type { ResourceRequest, ResourceType } from '../../base/resource-type.ts';
import { provisionAndWait } from './provisioned-resource.ts';
import { unlessGone } from './resource-deletion.ts';

interface VersionProperties {
  readonly FunctionName: string;
  readonly CodeSha256?: string;
  readonly Description?: string;
  readonly ProvisionedConcurrencyConfig?: { readonly ProvisionedConcurrentExecutions: number };
  readonly RuntimePolicy?: { readonly UpdateRuntimeOn: string; readonly RuntimeVersionArn?: string };
}

export const versionResource: ResourceType<VersionProperties> = {
  type: 'AWS::Lambda::Version',
  unsupported: ['FunctionScalingConfig'],

  async create(request) {
    const { FunctionName, ProvisionedConcurrencyConfig, RuntimePolicy, ...rest } = request.properties;
    const before = await versionsOf(request);
    const made = await request.call<FunctionConfiguration>('lambda', 'PublishVersion', {
      FunctionName,
      ...rest,
    });
    const version = made.Version ?? '';
    // CloudFormation's words where Lambda itself would hand out the version that is there.
    if (before.has(version))
      throw new Fault(
        'ResourceConflictException',
        `A version for this Lambda function exists ( ${version} ). Modify the function to create a new version.`,
      );
    if (ProvisionedConcurrencyConfig)
      await provisionAndWait(
        request,
        { FunctionName: made.FunctionName ?? '', Qualifier: version },
        ProvisionedConcurrencyConfig,
      );
    if (RuntimePolicy)
      await request.call('lambda', 'PutRuntimeManagementConfig', {
        FunctionName: made.FunctionName,
        Qualifier: version,
        ...RuntimePolicy,
      });
    const arn = made.FunctionArn ?? '';
    return { physicalId: arn, attributes: { FunctionArn: arn, Version: version } };
  },

  async delete(request, current) {
    await unlessGone(() => request.call('lambda', 'DeleteFunction', { FunctionName: current.physicalId }));
  },
};

async function versionsOf(request: ResourceRequest<VersionProperties>): Promise<Set<string>> {
  const { FunctionName } = request.properties;
  const found = new Set<string>();
  let Marker: string | undefined;
  do {
    const page: ListVersionsByFunctionResponse = await request.call('lambda', 'ListVersionsByFunction', {
      FunctionName,
      ...(Marker !== undefined && { Marker }),
    });
    for (const { Version } of page.Versions ?? []) if (Version !== undefined) found.add(Version);
    Marker = page.NextMarker;
  } while (Marker !== undefined);
  return found;
}
