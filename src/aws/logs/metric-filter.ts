/** Metric filters: kept, and tried out; `metric-delivery.ts` counts by them. */
import type {
  DeleteMetricFilterRequest,
  DescribeMetricFiltersRequest,
  DescribeMetricFiltersResponse,
  MetricFilterMatchRecord,
  PutMetricFilterRequest,
  TestMetricFilterRequest,
  TestMetricFilterResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { limits } from '../../base/limits.ts';
import type { Call } from '../../wire/service.ts';
import { limitExceeded, notFound, unsupported } from './fault.ts';
import { compileFilterPattern } from './filter-pattern.ts';
import { needGroup } from './log-group-access.ts';
import { pageOf } from './paging.ts';
import type { LogsRoom } from './ports.ts';
import { metricFilters } from './rows.ts';

export const metricFilterOperations = (room: LogsRoom) => ({
  PutMetricFilter: async (input: PutMetricFilterRequest, call: Call) => {
    const {
      logGroupName: group = '',
      filterName = '',
      filterPattern = '',
      metricTransformations = [],
    } = input;
    compileFilterPattern(filterPattern);
    if (input.applyOnTransformedLogs) throw unsupported('applyOnTransformedLogs');
    if (input.fieldSelectionCriteria) throw unsupported('fieldSelectionCriteria');
    if (input.emitSystemFieldDimensions?.length) throw unsupported('emitSystemFieldDimensions');
    await room.buffer.flush();
    await room.store.transaction(async (rows) => {
      await needGroup(rows, call.scope, group);
      const others = await rows.list(metricFilters, call.scope, { prefix: `${group}:` });
      const before = others.find(({ row }) => row.filterName === filterName);
      if (before === undefined && others.length >= limits.logsMetricFiltersAGroup) throw limitExceeded();
      await rows.put(metricFilters, call.scope, `${group}:${filterName}`, {
        filterName,
        filterPattern,
        metricTransformations,
        creationTime: before?.row.creationTime ?? room.now(),
      });
    });
    return {};
  },

  DescribeMetricFilters: async (
    input: DescribeMetricFiltersRequest,
    call: Call,
  ): Promise<DescribeMetricFiltersResponse> => {
    const { logGroupName: group, filterNamePrefix = '', metricName, metricNamespace } = input;
    await room.buffer.flush();
    if (group !== undefined) await needGroup(room.store, call.scope, group);
    const all = await room.store.list(
      metricFilters,
      call.scope,
      group === undefined ? {} : { prefix: `${group}:` },
    );
    const found = all.filter(
      ({ row }) =>
        row.filterName.startsWith(filterNamePrefix) &&
        row.metricTransformations.some(
          (one) =>
            (metricName === undefined || one.metricName === metricName) &&
            (metricNamespace === undefined || one.metricNamespace === metricNamespace),
        ),
    );
    const page = pageOf(found, input);
    return {
      metricFilters: page.items.map(({ key, row }) => ({
        ...row,
        metricTransformations: [...row.metricTransformations],
        logGroupName: key.slice(0, key.indexOf(':')),
        applyOnTransformedLogs: false,
      })),
      ...(page.nextToken !== undefined && { nextToken: page.nextToken }),
    };
  },

  DeleteMetricFilter: async (input: DeleteMetricFilterRequest, call: Call) => {
    const { logGroupName: group = '', filterName = '' } = input;
    await room.buffer.flush();
    await room.store.transaction(async (rows) => {
      await needGroup(rows, call.scope, group);
      if (!(await rows.delete(metricFilters, call.scope, `${group}:${filterName}`)))
        throw notFound('metric filter');
    });
    return {};
  },

  TestMetricFilter: async (input: TestMetricFilterRequest): Promise<TestMetricFilterResponse> => {
    const pattern = compileFilterPattern(input.filterPattern);
    const matches = (input.logEventMessages ?? []).flatMap(
      (eventMessage, index): MetricFilterMatchRecord[] =>
        pattern.matches(eventMessage)
          ? [{ eventNumber: index + 1, eventMessage, extractedValues: pattern.extract(eventMessage) }]
          : [],
    );
    return { matches };
  },
});
