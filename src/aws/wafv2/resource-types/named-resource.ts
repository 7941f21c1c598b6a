/** AWS::WAFv2::IPSet, RegexPatternSet, RuleGroup, WebACL: made, changed and removed alike. */
import { isFault } from '../../../base/fault.ts';
import type {
  CurrentResource,
  ResourceRequest,
  ResourceState,
  ResourceType,
} from '../../../base/resource-type.ts';
import { sdkRules } from './property-shape.ts';

interface Properties {
  readonly Name?: string;
  readonly Scope: string;
  readonly Description?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

interface Kind {
  /** `IPSet`: in the operations' names and in the type's. */
  readonly noun: string;
  readonly unsupported?: readonly string[];
  /** Members that an update does not take. */
  readonly fixed: readonly string[];
  readonly attributes: (shown: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  readonly sdk: (properties: Readonly<Record<string, unknown>>) => object;
}

type Request = ResourceRequest<Properties>;
type Got = Readonly<Record<string, Readonly<Record<string, unknown>>>> & { readonly LockToken: string };

function namedResource({ noun, fixed, attributes, sdk, ...more }: Kind): ResourceType<Properties> {
  const get = (request: Request, address: object): Promise<Got> =>
    request.call<Got>('wafv2', `Get${noun}`, address);
  const state = async (request: Request, address: Address): Promise<ResourceState> => {
    const shown = (await get(request, address))[noun] ?? {};
    return {
      physicalId: `${address.Name}|${address.Id}|${address.Scope}`,
      attributes: { Arn: shown['ARN'], Id: address.Id, ...attributes(shown) },
    };
  };
  return {
    type: `AWS::WAFv2::${noun}`,
    ...more,
    async create(request) {
      const Name = request.properties.Name ?? request.physicalName(128);
      const made = await request.call<{ readonly Summary: { readonly Id: string } }>(
        'wafv2',
        `Create${noun}`,
        {
          ...sdk({ ...request.properties }),
          Name,
          Tags: tagsOf(request),
        },
      );
      return state(request, { Name, Id: made.Summary.Id, Scope: request.properties.Scope });
    },
    async update(request, current) {
      const address = addressOf(current);
      const { LockToken } = await get(request, address);
      const properties = Object.entries(request.properties).filter(([name]) => !fixed.includes(name));
      await request.call('wafv2', `Update${noun}`, {
        ...sdk(Object.fromEntries(properties)),
        ...address,
        LockToken,
      });
      await applyTags(request, current);
      return state(request, address);
    },
    async delete(request, current) {
      const address = addressOf(current);
      try {
        const { LockToken } = await get(request, address);
        await request.call('wafv2', `Delete${noun}`, { ...address, LockToken });
      } catch (thrown) {
        if (!isFault(thrown) || thrown.code !== 'WAFNonexistentItemException') throw thrown;
      }
    },
  };
}

interface Address {
  readonly Name: string;
  readonly Id: string;
  readonly Scope: string;
}

function addressOf({ physicalId }: CurrentResource<Properties>): Address {
  const [Name = '', Id = '', Scope = ''] = physicalId.split('|');
  return { Name, Id, Scope };
}

const tagsOf = (request: Request) => [
  ...Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
  ...(request.properties.Tags ?? []),
];

async function applyTags(request: Request, current: CurrentResource<Properties>): Promise<void> {
  const ResourceARN = String(current.attributes?.['Arn'] ?? '');
  const Tags = tagsOf(request);
  const TagKeys = (current.properties.Tags ?? [])
    .map(({ Key }) => Key)
    .filter((key) => !Tags.some(({ Key }) => Key === key));
  if (TagKeys.length > 0) await request.call('wafv2', 'UntagResource', { ResourceARN, TagKeys });
  if (Tags.length > 0) await request.call('wafv2', 'TagResource', { ResourceARN, Tags });
}

export const ipSetResource = namedResource({
  noun: 'IPSet',
  fixed: ['Tags', 'IPAddressVersion'],
  attributes: () => ({}),
  sdk: (properties) => properties,
});

export const regexPatternSetResource = namedResource({
  noun: 'RegexPatternSet',
  fixed: ['Tags'],
  attributes: () => ({}),
  sdk: ({ RegularExpressionList, ...rest }) => ({
    ...rest,
    RegularExpressionList: (RegularExpressionList as string[] | undefined)?.map((RegexString) => ({
      RegexString,
    })), // by AWS's schema
  }),
});

export const ruleGroupResource = namedResource({
  noun: 'RuleGroup',
  unsupported: ['MonetizationConfig'],
  fixed: ['Tags', 'Capacity', 'AvailableLabels', 'ConsumedLabels'],
  attributes: ({ LabelNamespace }) => ({ LabelNamespace }),
  sdk: ({ AvailableLabels: _, ConsumedLabels: __, ...properties }) => sdkRules(properties) as object, // of an object
});

export const webAclResource = namedResource({
  noun: 'WebACL',
  unsupported: [
    'ApplicationConfig',
    'DataProtectionConfig',
    'MonetizationConfig',
    'OnSourceDDoSProtectionConfig',
    'TokenDomains',
  ],
  fixed: ['Tags'],
  attributes: ({ LabelNamespace, Capacity }) => ({ LabelNamespace, Capacity }),
  sdk: (properties) => sdkRules(properties) as object, // of an object
});
