/** Dashboards, as records: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html */
import type {
  DashboardValidationMessage,
  DeleteDashboardsInput,
  GetDashboardInput,
  GetDashboardOutput,
  ListDashboardsInput,
  ListDashboardsOutput,
  PutDashboardInput,
  PutDashboardOutput,
} from '@aws-sdk/client-cloudwatch';
import { partitionOf } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import type { CloudWatchPorts } from './ports.ts';

interface DashboardRow {
  readonly name: string;
  readonly body: string;
  readonly modifiedAt: number;
}

/** Key: the name. Dashboards belong to the account: they lie in one region. */
const dashboards = table<DashboardRow>('cloudwatch.dashboards');

const home = ({ account }: Scope): Scope => ({ account, region: 'us-east-1' });

const arnOfDashboard = ({ account, region }: Scope, name: string): string =>
  `arn:${partitionOf(region)}:cloudwatch::${account}:dashboard/${name}`;

const missing = (name: string): Fault =>
  new Fault('DashboardNotFoundError', `Dashboard ${name} does not exist`, { status: 404 });

export const dashboardOperations = ({ store, now }: CloudWatchPorts) => ({
  async PutDashboard(input: PutDashboardInput, { scope }: Call): Promise<PutDashboardOutput> {
    const { DashboardName: name = '', DashboardBody: body = '' } = input;
    if (!/^[A-Za-z0-9_-]{1,255}$/.test(name))
      throw wrong([{ Message: `The value ${name} for field DashboardName contains invalid characters.` }]);
    const messages = whatIsWrong(body);
    if (messages.length > 0) throw wrong(messages);
    await store.transaction((rows) =>
      rows.put(dashboards, home(scope), name, { name, body, modifiedAt: now() }),
    );
    return { DashboardValidationMessages: [] };
  },

  async GetDashboard(
    { DashboardName = '' }: GetDashboardInput,
    { scope }: Call,
  ): Promise<GetDashboardOutput> {
    const row = await store.get(dashboards, home(scope), DashboardName);
    if (row === undefined) throw missing(DashboardName);
    return {
      DashboardArn: arnOfDashboard(scope, row.name),
      DashboardBody: row.body,
      DashboardName: row.name,
    };
  },

  async ListDashboards(input: ListDashboardsInput, { scope }: Call): Promise<ListDashboardsOutput> {
    const prefix = input.DashboardNamePrefix ?? '';
    const entries = await store.list(dashboards, home(scope), { prefix });
    return {
      DashboardEntries: entries.map(({ row }) => ({
        DashboardName: row.name,
        DashboardArn: arnOfDashboard(scope, row.name),
        LastModified: new Date(row.modifiedAt),
        Size: Buffer.byteLength(row.body),
      })),
    };
  },

  /** All of them or none. */
  async DeleteDashboards({ DashboardNames = [] }: DeleteDashboardsInput, { scope }: Call) {
    await store.transaction(async (rows) => {
      for (const name of DashboardNames)
        if (!(await rows.delete(dashboards, home(scope), name))) throw missing(name);
    });
    return {};
  },
});

const wrong = (dashboardValidationMessages: DashboardValidationMessage[]): Fault =>
  new Fault('DashboardInvalidInputError', 'The dashboard body is invalid, there are validation errors', {
    status: 400,
    members: { dashboardValidationMessages },
  });

function whatIsWrong(body: string): DashboardValidationMessage[] {
  if (Buffer.byteLength(body) > limits.dashboardBytes)
    return [{ Message: `The dashboard body must not be larger than ${limits.dashboardBytes} bytes` }];
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return [{ Message: 'The field DashboardBody must be a valid JSON object' }];
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return [{ Message: 'The field DashboardBody must be a valid JSON object' }];
  const widgets = 'widgets' in parsed ? parsed.widgets : undefined;
  if (!Array.isArray(widgets)) return [{ DataPath: '/', Message: 'Should have required property widgets' }];
  return widgets.flatMap((widget: unknown, at): DashboardValidationMessage[] =>
    typeof widget === 'object' && widget !== null && 'type' in widget
      ? []
      : [{ DataPath: `/widgets/${at}`, Message: 'Should have required property type' }],
  );
}
