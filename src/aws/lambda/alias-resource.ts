/** AWS::Lambda::Alias. */
import type { AliasConfiguration } from '@aws-sdk/client-lambda';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';
import { provisionAndWait } from './provisioned-resource.ts';
import { unlessGone } from './resource-deletion.ts';

interface AliasProperties {
  readonly FunctionName: string;
  readonly FunctionVersion: string;
  readonly Name: string;
  readonly Description?: string;
  readonly RoutingConfig?: {
    readonly AdditionalVersionWeights?: readonly {
      readonly FunctionVersion: string;
      readonly FunctionWeight: number;
    }[];
  };
  readonly ProvisionedConcurrencyConfig?: { readonly ProvisionedConcurrentExecutions: number };
}

type Request = ResourceRequest<AliasProperties>;

export const aliasResource: ResourceType<AliasProperties> = {
  type: 'AWS::Lambda::Alias',

  async create(request) {
    const made = await request.call<AliasConfiguration>('lambda', 'CreateAlias', inputOf(request));
    await updateProvisioned(request, undefined);
    return stateOf(made);
  },

  async update(request, current) {
    const changed = await request.call<AliasConfiguration>('lambda', 'UpdateAlias', inputOf(request));
    await updateProvisioned(request, current.properties);
    return stateOf(changed);
  },

  async delete(request, current) {
    const { FunctionName, Name } = current.properties;
    await unlessGone(() => request.call('lambda', 'DeleteAlias', { FunctionName, Name }));
  },
};

const stateOf = ({ AliasArn = '' }: AliasConfiguration): ResourceState => ({
  physicalId: AliasArn,
  attributes: { AliasArn },
});

/** Templates list the weights; the operation takes them as a map. */
function inputOf({ properties }: Request): object {
  const { FunctionName, FunctionVersion, Name, Description = '', RoutingConfig } = properties;
  const weights = RoutingConfig?.AdditionalVersionWeights ?? [];
  const AdditionalVersionWeights = Object.fromEntries(
    weights.map((one) => [one.FunctionVersion, one.FunctionWeight]),
  );
  return { FunctionName, FunctionVersion, Name, Description, RoutingConfig: { AdditionalVersionWeights } };
}

async function updateProvisioned(request: Request, before: AliasProperties | undefined): Promise<void> {
  const { FunctionName, Name, ProvisionedConcurrencyConfig } = request.properties;
  const target = { FunctionName, Qualifier: Name };
  if (ProvisionedConcurrencyConfig) await provisionAndWait(request, target, ProvisionedConcurrencyConfig);
  else if (before?.ProvisionedConcurrencyConfig)
    await request.call('lambda', 'DeleteProvisionedConcurrencyConfig', target);
}
