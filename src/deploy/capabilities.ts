/** What a caller must say it knows: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
import type { Capability } from '../base/stack-engine.ts';
import type { Template } from './template.ts';

/** IAM types, and the property that gives them a name of one's own. */
const IAM_TYPES: Readonly<Record<string, string | undefined>> = {
  'AWS::IAM::AccessKey': undefined,
  'AWS::IAM::Group': 'GroupName',
  'AWS::IAM::InstanceProfile': 'InstanceProfileName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Policy': undefined,
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::User': 'UserName',
  'AWS::IAM::UserToGroupAddition': undefined,
};

export interface NeededCapabilities {
  readonly capabilities: readonly Capability[];
  readonly reason?: string;
}

export function neededCapabilities(template: Template, autoExpand: boolean): NeededCapabilities {
  const resources = Object.values(template.Resources).filter(({ Type }) => Type in IAM_TYPES);
  const named = resources.some(({ Type, Properties }) => {
    const property = IAM_TYPES[Type];
    return property !== undefined && Properties?.[property] !== undefined;
  });
  const iam: Capability[] = resources.length === 0 ? [] : [named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM'];
  const types = [...new Set(resources.map(({ Type }) => Type))];
  return {
    capabilities: autoExpand ? [...iam, 'CAPABILITY_AUTO_EXPAND'] : iam,
    ...(types.length > 0 && {
      reason: `The following resource(s) require capabilities: [${types.join(', ')}]`,
    }),
  };
}
