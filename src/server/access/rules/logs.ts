/** CloudWatch Logs: groups end in `:*` for what is in them, streams are a part of their group. */
import { arnOf } from '../../../base/arn.ts';
import { type AccessCall, listOf, type Rule, type ServiceRules, textOf } from '../requirement.ts';

function groupArn({ input, scope }: AccessCall): string {
  const named =
    textOf(input['logGroupName']) ?? textOf(input['logGroupIdentifier']) ?? textOf(input['resourceArn']);
  if (named === undefined) return arnOf(scope, 'logs', 'log-group:*');
  return named.startsWith('arn:') ? named.replace(/:\*$/, '') : arnOf(scope, 'logs', `log-group:${named}`);
}

/** AWS asks about the group with `:*` behind it for what is done in or to it. */
const onGroup: Rule = (call) => [{ action: `logs:${call.operation}`, resources: [withAll(groupArn(call))] }];

const withAll = (arn: string): string => (arn.endsWith(':*') ? arn : `${arn}:*`);

const onStream: Rule = (call) => {
  const stream = textOf(call.input['logStreamName']) ?? '*';
  return [{ action: `logs:${call.operation}`, resources: [`${groupArn(call)}:log-stream:${stream}`] }];
};

const each = (rule: Rule, ...operations: string[]): Record<string, Rule> =>
  Object.fromEntries(operations.map((operation) => [operation, rule]));

export const logsRules: ServiceRules = {
  operations: {
    ...each(
      onGroup,
      'AssociateKmsKey',
      'CreateLogStream',
      'CreateLogGroup',
      'DeleteLogGroup',
      'DeleteMetricFilter',
      'DeleteRetentionPolicy',
      'DeleteSubscriptionFilter',
      'DescribeLogStreams',
      'DescribeMetricFilters',
      'DescribeSubscriptionFilters',
      'DisassociateKmsKey',
      'FilterLogEvents',
      'GetLogGroupFields',
      'ListTagsLogGroup',
      'PutMetricFilter',
      'PutRetentionPolicy',
      'PutSubscriptionFilter',
      'TagLogGroup',
      'UntagLogGroup',
      'DescribeLogGroups',
    ),
    ...each(onStream, 'PutLogEvents', 'GetLogEvents', 'DeleteLogStream'),
    ...each(
      (call) => [{ action: `logs:${call.operation}`, resources: [groupArn(call)] }],
      'TagResource',
      'UntagResource',
      'ListTagsForResource',
    ),
    StartLiveTail: ({ input }) => [
      { action: 'logs:StartLiveTail', resources: listOf(input['logGroupIdentifiers']).map(String) },
    ],
    StartQuery: (call) => {
      const { input, scope } = call;
      const names = [...listOf(input['logGroupNames']), ...listOf(input['logGroupIdentifiers'])].map(String);
      const named = textOf(input['logGroupName']);
      const all = named === undefined ? names : [named, ...names];
      const resources = all.map((name) => groupArn({ ...call, scope, input: { logGroupName: name } }));
      return [
        { action: 'logs:StartQuery', resources: resources.length > 0 ? resources.map(withAll) : ['*'] },
      ];
    },
  },
};
