/** Subscription filters: a group's matching events, sent on as they come. Here to Lambda functions. */
import type {
  DeleteSubscriptionFilterRequest,
  DescribeSubscriptionFiltersRequest,
  DescribeSubscriptionFiltersResponse,
  PutSubscriptionFilterRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, limitExceeded, notFound, unsupported } from './fault.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import { needGroup } from './log-group-access.ts';
import { pageOf } from './paging.ts';
import type { LogsRoom } from './ports.ts';
import { subscriptionFilters } from './rows.ts';
import { mayDeliver } from './subscription-delivery.ts';

export const subscriptionFilterOperations = (room: LogsRoom) => ({
  PutSubscriptionFilter: async (input: PutSubscriptionFilterRequest, call: Call) => {
    const { logGroupName: group = '', filterName = '', destinationArn = '', filterPattern = '' } = input;
    compileFilterPattern(filterPattern);
    checkMembers(input);
    checkDestination(destinationArn, call);
    await room.buffer.flush();
    await needGroup(room.store, call.scope, group);
    if (!(await mayDeliver(room, call.scope, group, destinationArn)))
      throw invalidParameter(
        'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
      );
    await room.store.transaction(async (rows) => {
      await needGroup(rows, call.scope, group);
      const others = await rows.list(subscriptionFilters, call.scope, { prefix: `${group}:` });
      const before = others.find(({ row }) => row.filterName === filterName);
      if (before === undefined && others.length >= limits.logsSubscriptionFiltersAGroup)
        throw limitExceeded();
      await rows.put(subscriptionFilters, call.scope, `${group}:${filterName}`, {
        filterName,
        filterPattern,
        destinationArn,
        distribution: input.distribution ?? 'ByLogStream',
        creationTime: before?.row.creationTime ?? room.now(),
      });
    });
    return {};
  },

  DescribeSubscriptionFilters: async (
    input: DescribeSubscriptionFiltersRequest,
    call: Call,
  ): Promise<DescribeSubscriptionFiltersResponse> => {
    const { logGroupName: group = '', filterNamePrefix = '' } = input;
    await room.buffer.flush();
    await needGroup(room.store, call.scope, group);
    const all = await room.store.list(subscriptionFilters, call.scope, {
      prefix: `${group}:${filterNamePrefix}`,
    });
    const page = pageOf(all, input);
    return {
      subscriptionFilters: page.items.map(({ row }) => ({
        ...row,
        logGroupName: group,
        applyOnTransformedLogs: false,
      })),
      ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
    };
  },

  DeleteSubscriptionFilter: async (input: DeleteSubscriptionFilterRequest, call: Call) => {
    const { logGroupName: group = '', filterName = '' } = input;
    await room.buffer.flush();
    await room.store.transaction(async (rows) => {
      await needGroup(rows, call.scope, group);
      if (!(await rows.delete(subscriptionFilters, call.scope, `${group}:${filterName}`)))
        throw notFound('subscription filter');
    });
    return {};
  },
});

function checkMembers(input: PutSubscriptionFilterRequest): void {
  if (input.applyOnTransformedLogs) throw unsupported('applyOnTransformedLogs');
  if (input.fieldSelectionCriteria) throw unsupported('fieldSelectionCriteria');
  if (input.emitSystemFields?.length) throw unsupported('emitSystemFields');
}

/** Words recorded from AWS. */
function checkDestination(destinationArn: string, call: Call): void {
  const arn = parseArn(destinationArn);
  if (arn?.service !== 'lambda') throw unsupported(`A subscription to ${arn?.service ?? 'this destination'}`);
  if (arn.account !== call.scope.account)
    throw new Fault(
      'AccessDeniedException',
      'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
      { status: 400 },
    );
}
