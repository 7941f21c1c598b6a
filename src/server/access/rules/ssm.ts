/** Parameter Store: names begin with a slash or not, and may end in a version or label. */
import { arnOf } from '../../../base/arn.ts';
import { type AccessCall, listOf, type Rule, type ServiceRules, textOf } from '../requirement.ts';

const parameterArn = (scope: AccessCall['scope'], name: unknown): string => {
  const named = textOf(name) ?? '*';
  if (named.startsWith('arn:')) return named;
  return arnOf(scope, 'ssm', `parameter/${named.replace(/^\//, '').replace(/:[^/:]*$/, '')}`);
};

const onParameters =
  (member: string): Rule =>
  ({ input, operation, scope }) => {
    const names = Array.isArray(input[member]) ? listOf(input[member]) : [input[member]];
    return [{ action: `ssm:${operation}`, resources: names.map((name) => parameterArn(scope, name)) }];
  };

export const ssmRules: ServiceRules = {
  members: { DocumentName: ['Name', 'DocumentName'] },
  operations: {
    ...Object.fromEntries(
      [
        'GetParameter',
        'PutParameter',
        'DeleteParameter',
        'GetParameterHistory',
        'LabelParameterVersion',
        'UnlabelParameterVersion',
      ].map((operation) => [operation, onParameters('Name')]),
    ),
    GetParameters: onParameters('Names'),
    DeleteParameters: onParameters('Names'),
    GetParametersByPath: ({ input, scope }) => [
      {
        action: 'ssm:GetParametersByPath',
        resources: [parameterArn(scope, input['Path']).replace(/\/$/, '')],
      },
    ],
    ...Object.fromEntries(
      ['AddTagsToResource', 'RemoveTagsFromResource', 'ListTagsForResource'].map(
        (operation): [string, Rule] => [
          operation,
          (call) =>
            call.input['ResourceType'] === 'Parameter'
              ? [
                  {
                    action: `ssm:${operation}`,
                    resources: [parameterArn(call.scope, call.input['ResourceId'])],
                  },
                ]
              : undefined,
        ],
      ),
    ),
  },
};
