/** Tags, recovery settings and resource policies of tables. */
import type {
  DescribeContinuousBackupsInput,
  DescribeContinuousBackupsOutput,
  DescribeContributorInsightsInput,
  DescribeContributorInsightsOutput,
  DescribeKinesisStreamingDestinationInput,
  DescribeKinesisStreamingDestinationOutput,
  DeleteResourcePolicyInput,
  GetResourcePolicyInput,
  GetResourcePolicyOutput,
  ListTagsOfResourceInput,
  ListTagsOfResourceOutput,
  PutResourcePolicyInput,
  TagResourceInput,
  UntagResourceInput,
  UpdateContinuousBackupsInput,
  UpdateContinuousBackupsOutput,
} from '@aws-sdk/client-dynamodb';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { findNamedTable, type TableRow, tables } from './table-row.ts';

export const tableSettingOperations = ({ store }: ServicePorts) => {
  const change = (scope: Scope, name: string | undefined, edit: (row: TableRow) => TableRow): Promise<void> =>
    store.transaction(async (rows) => {
      const row = edit(await findNamedTable(rows, scope, name));
      await rows.put(tables, scope, row.name, row);
    });
  return {
    async TagResource(input: TagResourceInput, { scope }: Call): Promise<object> {
      const added = Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
      await change(scope, input.ResourceArn, (row) => ({ ...row, tags: { ...row.tags, ...added } }));
      return {};
    },

    async UntagResource(input: UntagResourceInput, { scope }: Call): Promise<object> {
      const keep = ([key]: [string, string]): boolean => !input.TagKeys?.includes(key);
      await change(scope, input.ResourceArn, (row) => ({
        ...row,
        tags: Object.fromEntries(Object.entries(row.tags).filter(keep)),
      }));
      return {};
    },

    async ListTagsOfResource(
      input: ListTagsOfResourceInput,
      { scope }: Call,
    ): Promise<ListTagsOfResourceOutput> {
      const { tags } = await findNamedTable(store, scope, input.ResourceArn);
      return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
    },

    async DescribeContinuousBackups(
      input: DescribeContinuousBackupsInput,
      { scope }: Call,
    ): Promise<DescribeContinuousBackupsOutput> {
      return {
        ContinuousBackupsDescription: showBackups(await findNamedTable(store, scope, input.TableName)),
      };
    },

    /** Recorded as a setting; restoring a table is an operation of its own, refused by name. */
    async UpdateContinuousBackups(
      input: UpdateContinuousBackupsInput,
      { scope }: Call,
    ): Promise<UpdateContinuousBackupsOutput> {
      const pointInTimeRecovery = input.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled ?? false;
      await change(scope, input.TableName, (row) => ({ ...row, pointInTimeRecovery }));
      return {
        ContinuousBackupsDescription: showBackups(await findNamedTable(store, scope, input.TableName)),
      };
    },

    async DescribeContributorInsights(
      input: DescribeContributorInsightsInput,
      { scope }: Call,
    ): Promise<DescribeContributorInsightsOutput> {
      const { name } = await findNamedTable(store, scope, input.TableName);
      return { TableName: name, ContributorInsightsStatus: 'DISABLED' };
    },

    async DescribeKinesisStreamingDestination(
      input: DescribeKinesisStreamingDestinationInput,
      { scope }: Call,
    ): Promise<DescribeKinesisStreamingDestinationOutput> {
      const { name } = await findNamedTable(store, scope, input.TableName);
      return { TableName: name, KinesisDataStreamDestinations: [] };
    },

    async PutResourcePolicy(input: PutResourcePolicyInput, { scope }: Call): Promise<{ RevisionId: string }> {
      await change(scope, input.ResourceArn, (row) => ({ ...row, resourcePolicy: input.Policy ?? '' }));
      return { RevisionId: '1' };
    },

    async GetResourcePolicy(
      input: GetResourcePolicyInput,
      { scope }: Call,
    ): Promise<GetResourcePolicyOutput> {
      const { resourcePolicy } = await findNamedTable(store, scope, input.ResourceArn);
      if (!resourcePolicy) {
        throw new Fault(
          'PolicyNotFoundException',
          `Resource-based policy not found for the provided ResourceArn: ${input.ResourceArn}`,
        );
      }
      return { Policy: resourcePolicy, RevisionId: '1' };
    },

    async DeleteResourcePolicy(input: DeleteResourcePolicyInput, { scope }: Call): Promise<object> {
      await change(scope, input.ResourceArn, ({ resourcePolicy: _, ...row }) => row);
      return {};
    },
  };
};

function showBackups(row: TableRow): DescribeContinuousBackupsOutput['ContinuousBackupsDescription'] {
  return {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: {
      PointInTimeRecoveryStatus: row.pointInTimeRecovery ? 'ENABLED' : 'DISABLED',
    },
  };
}
