/** CloudFormation: stacks by name or id, and the transforms a template names. */
import { arnOf, partitionOf } from '../../../base/arn.ts';
import { type AccessCall, type Requirement, type Rule, type ServiceRules, textOf } from '../requirement.ts';

/** By name: any stack of that name, whatever its id. */
function stackArn({ input, scope }: AccessCall): string {
  const named = textOf(input['StackName']) ?? textOf(input['StackId']);
  if (named === undefined) {
    // A change set's ARN does not tell its stack.
    return '*';
  }
  return named.startsWith('arn:') ? named : arnOf(scope, 'cloudformation', `stack/${named}/*`);
}

const keysOf = ({ input }: AccessCall): Record<string, string | readonly string[]> => {
  const keys: Record<string, string | readonly string[]> = {};
  const put = (key: string, value: unknown): void => {
    if (typeof value === 'string') keys[`cloudformation:${key}`] = value;
    else if (Array.isArray(value)) keys[`cloudformation:${key}`] = value.map(String);
  };
  put('RoleArn', input['RoleARN']);
  put('TemplateUrl', input['TemplateURL']);
  put('StackPolicyUrl', input['StackPolicyURL']);
  put('ResourceTypes', input['ResourceTypes']);
  put('ChangeSetName', input['ChangeSetName']);
  return keys;
};

/**
 * Running a transform takes a permission on the transform itself.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-permissions-cloudformation.html
 */
async function transforms(call: AccessCall): Promise<Requirement[]> {
  const template = await templateOf(call);
  const names = [
    'Serverless-2016-10-31',
    'LanguageExtensions',
    'Include',
    'CodeDeployBlueGreen',
    'SecretsManager',
  ];
  const used = names.filter((name) => template.includes(`AWS::${name}`));
  const { region } = call.scope;
  return used.map((name) => ({
    action: 'cloudformation:CreateChangeSet',
    resources: [`arn:${partitionOf(region)}:cloudformation:${region}:aws:transform/${name}`],
  }));
}

async function templateOf({ input, lookUp }: AccessCall): Promise<string> {
  const body = textOf(input['TemplateBody']);
  if (body !== undefined) return body;
  const url = textOf(input['TemplateURL']);
  if (url === undefined) return '';
  // GetTemplateSummary names the transforms wherever the template lies.
  const summary = await lookUp('cloudformation', 'GetTemplateSummary', { TemplateURL: url });
  return JSON.stringify(summary?.['DeclaredTransforms'] ?? []);
}

const onStack: Rule = (call) => [
  { action: `cloudformation:${call.operation}`, resources: [stackArn(call)], context: keysOf(call) },
];

const withTemplate: Rule = async (call) => [...((await onStack(call)) ?? []), ...(await transforms(call))];

const each = (rule: Rule, ...operations: string[]): Record<string, Rule> =>
  Object.fromEntries(operations.map((operation) => [operation, rule]));

/** Without a stack's name they are about all. */
const onStackIfNamed: Rule = (call) =>
  textOf(call.input['StackName']) === undefined
    ? [{ action: `cloudformation:${call.operation}`, resources: ['*'] }]
    : onStack(call);

export const cloudFormationRules: ServiceRules = {
  members: { StackSetName: ['StackSetName'] },
  operations: {
    ...each(withTemplate, 'CreateStack', 'UpdateStack', 'CreateChangeSet'),
    ...each(
      onStack,
      'CancelUpdateStack',
      'ContinueUpdateRollback',
      'DeleteChangeSet',
      'DeleteStack',
      'DescribeChangeSet',
      'DescribeStackEvents',
      'DescribeStackResource',
      'DetectStackDrift',
      'ExecuteChangeSet',
      'GetStackPolicy',
      'GetTemplate',
      'ListChangeSets',
      'ListStackResources',
      'RollbackStack',
      'SetStackPolicy',
      'SignalResource',
      'UpdateTerminationProtection',
      'DescribeStackResourceDrifts',
      'DetectStackResourceDrift',
    ),
    ...each(onStackIfNamed, 'DescribeStacks', 'DescribeStackResources', 'GetTemplateSummary'),
  },
};
