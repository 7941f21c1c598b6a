/** Inline policies as resources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-policy.html */
import type { ResourceType } from '../../../base/resource-type.ts';
import { documentOf, gone, iam, type Properties, type Request, textOf, textsOf, without } from './request.ts';

const NOUNS = ['Role', 'User', 'Group'] as const;

/** One policy, put into every role, user and group that it names. */
export const policyType: ResourceType<Properties> = {
  type: 'AWS::IAM::Policy',

  async create(request) {
    await put(request);
    return { physicalId: request.physicalName() };
  },

  async update(request, current) {
    const { properties: before } = current;
    const renamed = before.PolicyName !== request.properties.PolicyName;
    await put(request);
    for (const noun of NOUNS) {
      const [old, now] = [textsOf(before[`${noun}s`]), textsOf(request.properties[`${noun}s`])];
      await drop(request, noun, { names: renamed ? old : without(old, now), PolicyName: before.PolicyName });
    }
    return current;
  },

  async delete(request, { properties }) {
    for (const noun of NOUNS)
      await drop(request, noun, {
        names: textsOf(properties[`${noun}s`]),
        PolicyName: properties.PolicyName,
      });
  },
};

async function put(request: Request): Promise<void> {
  const { PolicyName, PolicyDocument } = request.properties;
  for (const noun of NOUNS)
    for (const name of textsOf(request.properties[`${noun}s`])) {
      const policy = { PolicyName, PolicyDocument: documentOf(PolicyDocument) };
      await iam(request, `Put${noun}Policy`, { [`${noun}Name`]: name, ...policy });
    }
}

interface Dropped {
  readonly names: readonly string[];
  readonly PolicyName: unknown;
}

async function drop(request: Request, noun: string, { names, PolicyName }: Dropped): Promise<void> {
  for (const name of names)
    await gone(iam(request, `Delete${noun}Policy`, { [`${noun}Name`]: name, PolicyName }));
}

/** `AWS::IAM::RolePolicy` and its likes: one policy in one role, user or group. */
function singlePolicyType(noun: (typeof NOUNS)[number]): ResourceType<Properties> {
  const owner = `${noun}Name`;
  const put = (request: Request) =>
    iam(request, `Put${noun}Policy`, {
      [owner]: request.properties[owner],
      PolicyName: request.properties.PolicyName,
      PolicyDocument: documentOf(request.properties.PolicyDocument),
    });
  return {
    type: `AWS::IAM::${noun}Policy`,
    async create(request) {
      await put(request);
      return { physicalId: `${textOf(request.properties.PolicyName)}|${textOf(request.properties[owner])}` };
    },
    async update(request, current) {
      await put(request);
      return current;
    },
    async delete(request, { properties }) {
      const { PolicyName } = properties;
      await gone(iam(request, `Delete${noun}Policy`, { [owner]: properties[owner], PolicyName }));
    },
  };
}

export const rolePolicyType = singlePolicyType('Role');
export const userPolicyType = singlePolicyType('User');
export const groupPolicyType = singlePolicyType('Group');
