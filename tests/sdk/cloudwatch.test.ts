/** CloudWatch through the SDK's client: metrics of one's own, those this server measures, alarms, dashboards. */
import { beforeAll, describe, expect, test } from 'bun:test';
import * as rest from '@aws-sdk/client-api-gateway';
import * as http from '@aws-sdk/client-apigatewayv2';
import * as cfn from '@aws-sdk/client-cloudformation';
import * as cloudwatch from '@aws-sdk/client-cloudwatch';
import * as logs from '@aws-sdk/client-cloudwatch-logs';
import { useServer } from './test-server.ts';

const server = useServer();
let client: cloudwatch.CloudWatchClient;

beforeAll(() => {
  client = new cloudwatch.CloudWatchClient({ ...server.options(), maxAttempts: 1 });
});

const MINUTE_MS = 60_000;
const NOW = Date.now() - (Date.now() % (5 * MINUTE_MS)) - 15 * MINUTE_MS;
const minute = (at: number): Date => new Date(NOW + at * MINUTE_MS);
const range = { StartTime: minute(0), EndTime: minute(10) };

const put = (Namespace: string, ...MetricData: cloudwatch.MetricDatum[]) =>
  client.send(new cloudwatch.PutMetricDataCommand({ Namespace, MetricData }));

/** Values by id, the oldest first. */
async function data(...MetricDataQueries: cloudwatch.MetricDataQuery[]): Promise<Record<string, number[]>> {
  const { MetricDataResults = [] } = await client.send(
    new cloudwatch.GetMetricDataCommand({ ...range, ScanBy: 'TimestampAscending', MetricDataQueries }),
  );
  return Object.fromEntries(MetricDataResults.map(({ Id = '', Values = [] }) => [Id, Values]));
}

const stat = (Id: string, MetricName: string, Stat: string, more: Partial<cloudwatch.MetricStat> = {}) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat, ...more },
});

describe('metrics of one’s own', () => {
  beforeAll(async () => {
    await put(
      'Shop',
      { MetricName: 'Orders', Timestamp: minute(0), Value: 1 },
      { MetricName: 'Orders', Timestamp: minute(0), Value: 3 },
      { MetricName: 'Orders', Timestamp: minute(1), Values: [10, 20], Counts: [9, 1] },
      {
        MetricName: 'Orders',
        Timestamp: minute(3),
        StatisticValues: { SampleCount: 4, Sum: 40, Minimum: 1, Maximum: 20 },
      },
      { MetricName: 'Returns', Timestamp: minute(0), Value: 2 },
      { MetricName: 'Returns', Timestamp: minute(1), Value: 11 },
      {
        MetricName: 'Latency',
        Dimensions: [{ Name: 'Page', Value: 'a' }],
        Timestamp: minute(0),
        Value: 5,
        Unit: 'Milliseconds',
      },
      {
        MetricName: 'Latency',
        Dimensions: [{ Name: 'Page', Value: 'b' }],
        Timestamp: minute(0),
        Value: 7,
        Unit: 'Milliseconds',
      },
    );
  });

  test.each([
    ['Sum', [4, 110, 40]],
    ['SampleCount', [2, 10, 4]],
    ['Average', [2, 11, 10]],
    ['Minimum', [1, 10, 1]],
    ['Maximum', [3, 20, 20]],
    // Of what came as a statistic set nobody knows the percentiles.
    ['p50', [1, 10]],
    ['p95', [3, 20]],
    ['tm90', [expect.closeTo(1.888, 2), 10]],
    ['PR(:10)', [100, 90]],
    ['TC(5:)', [0, 10]],
    ['IQM', [2, 10]],
  ])('%s', async (Stat, expected) => {
    expect(await data(stat('m1', 'Orders', Stat))).toEqual({ m1: expected as number[] });
  });

  test('by five minutes', async () => {
    expect(await data(stat('m1', 'Orders', 'Sum', { Period: 300 }))).toEqual({ m1: [154] });
  });

  test.each([
    ['m1 + m2', [6, 121]],
    ['m1 / m2', [2, 10]],
    ['SUM(METRICS())', [6, 121, 40]],
    ['SUM([m1, m2]) * 2', [12, 242, 80]],
    ['100 * (m2 / m1)', [50, 10]],
    ['FILL(m2, 0)', [2, 11, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['FILL(m1, REPEAT)', [4, 110, 110, 40, 40, 40, 40, 40, 40, 40]],
    ['m1 > 50', [0, 1, 0]],
    ['IF(m1 > 50, m1, 0)', [0, 110, 0]],
    ['RATE(m2)', [expect.closeTo(0.15, 5)]],
    ['DIFF(m1)', [106, -70]],
    ['RUNNING_SUM(m1)', [4, 114, 154]],
    ['m1 - AVG(m1)', [expect.closeTo(-47.33, 1), expect.closeTo(58.67, 1), expect.closeTo(-11.33, 1)]],
    ['m1 / PERIOD(m1)', [expect.closeTo(0.0667, 3), expect.closeTo(1.8333, 3), expect.closeTo(0.6667, 3)]],
    ['ABS(-m2)', [2, 11]],
    ['TIME_SERIES(3) + m2', [5, 14]],
    ["SUM(SEARCH('{Shop,Page} MetricName=\"Latency\"', 'Average', 60))", [12]],
    ["SUM(SEARCH('{Shop,Page} latency NOT Page=\"b\"', 'Average', 60))", [5]],
  ])('%s', async (Expression, expected) => {
    const queries = [stat('m1', 'Orders', 'Sum'), stat('m2', 'Returns', 'Sum')];
    const hidden = queries.map((query) => ({ ...query, ReturnData: false }));
    expect(await data(...hidden, { Id: 'e1', Expression })).toEqual({ e1: expected as number[] });
  });

  test.each([
    ['ANOMALY_DETECTION_BAND(m1)', /ANOMALY_DETECTION_BAND\(\).*not supported/],
    ['SELECT AVG(x) FROM y', /Metrics Insights.*not supported/],
    ['m1 +', /ends too early/],
    ['nothing * 2', /no id of this request/],
    ['e1 + m1', /circle/],
  ])('refused: %s', async (Expression, message) => {
    await expect(data(stat('m1', 'Orders', 'Sum'), { Id: 'e1', Expression })).rejects.toThrow(message);
  });

  test('GetMetricStatistics', async () => {
    const { Datapoints = [], Label } = await client.send(
      new cloudwatch.GetMetricStatisticsCommand({
        ...range,
        Namespace: 'Shop',
        MetricName: 'Latency',
        Dimensions: [{ Name: 'Page', Value: 'a' }],
        Period: 60,
        Statistics: ['Average', 'Sum'],
        ExtendedStatistics: ['p90'],
      }),
    );
    expect(Label).toBe('Latency');
    expect(Datapoints).toEqual([
      { Timestamp: minute(0), Average: 5, Sum: 5, Unit: 'Milliseconds', ExtendedStatistics: { p90: 5 } },
    ]);
  });

  test('pages', async () => {
    const queries = { ...range, MetricDataQueries: [stat('m1', 'Orders', 'Sum')], MaxDatapoints: 2 };
    const first = await client.send(new cloudwatch.GetMetricDataCommand(queries));
    expect(first.MetricDataResults?.[0]).toMatchObject({ Values: [40, 110], StatusCode: 'PartialData' });
    const { NextToken } = first;
    const rest = await client.send(new cloudwatch.GetMetricDataCommand({ ...queries, NextToken }));
    expect(rest.MetricDataResults?.[0]).toMatchObject({ Values: [4], StatusCode: 'Complete' });
  });

  test('ListMetrics by dimension', async () => {
    const { Metrics } = await client.send(
      new cloudwatch.ListMetricsCommand({ Namespace: 'Shop', Dimensions: [{ Name: 'Page' }] }),
    );
    expect(Metrics).toHaveLength(2);
  });

  test.each([
    ['a reserved namespace', 'AWS/Lambda', { MetricName: 'a', Value: 1 }],
    ['too old', 'Shop', { MetricName: 'a', Value: 1, Timestamp: new Date(Date.now() - 15 * 86_400_000) }],
    ['two kinds of value', 'Shop', { MetricName: 'a', Value: 1, Values: [1] }],
    ['none', 'Shop', { MetricName: 'a' }],
    ['no number', 'Shop', { MetricName: 'a', Value: Number.NaN }],
  ])('refused: %s', async (_name, namespace, datum) => {
    await expect(put(namespace, datum)).rejects.toMatchObject({ $fault: 'client' });
  });

  test('the AWS CLI’s older protocol', async () => {
    const body = new URLSearchParams({
      Action: 'ListMetrics',
      Version: '2010-08-01',
      Namespace: 'Shop',
      MetricName: 'Returns',
    });
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization:
          'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0',
      },
      body,
    });
    expect(await answer.text()).toContain('<MetricName>Returns</MetricName>');
  });
});

describe('what this server measures', () => {
  /** The one value of a metric in the last minutes. */
  async function measured(
    Namespace: string,
    MetricName: string,
    dimensions: Record<string, string>,
    Stat = 'Sum',
  ) {
    const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
    const { MetricDataResults = [] } = await client.send(
      new cloudwatch.GetMetricDataCommand({
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 60_000),
        MetricDataQueries: [
          { Id: 'm', MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 7200, Stat } },
        ],
      }),
    );
    return (MetricDataResults[0]?.Values ?? []).reduce((total, value) => total + value, 0);
  }

  const mock = {
    type: 'mock',
    requestTemplates: { 'application/json': '{"statusCode": 200}' },
    responses: { default: { statusCode: '200' } },
  };

  test('REST APIs: by name, by stage, and by method where that is switched on', async () => {
    const v1 = new rest.APIGatewayClient({ ...server.options(), maxAttempts: 1 });
    const document = {
      openapi: '3.0.1',
      info: { title: 'counted', version: '1' },
      paths: { '/a': { get: { responses: { '200': {} }, 'x-amazon-apigateway-integration': mock } } },
    };
    const { id: restApiId = '' } = await v1.send(
      new rest.ImportRestApiCommand({ body: Buffer.from(JSON.stringify(document)) }),
    );
    await v1.send(new rest.CreateDeploymentCommand({ restApiId, stageName: 'live' }));
    const call = (path: string) => fetch(`${server.url}/_aws/execute-api/${restApiId}/live${path}`);
    await call('/a');
    await call('/nowhere');
    const dimensions = { ApiName: 'counted', Stage: 'live' };
    expect(await measured('AWS/ApiGateway', 'Count', { ApiName: 'counted' })).toBe(2);
    expect(await measured('AWS/ApiGateway', 'Count', dimensions)).toBe(2);
    expect(await measured('AWS/ApiGateway', '4XXError', dimensions)).toBe(1);
    expect(await measured('AWS/ApiGateway', '5XXError', dimensions)).toBe(0);
    expect(await measured('AWS/ApiGateway', 'Latency', dimensions, 'SampleCount')).toBe(2);
    const method = { ...dimensions, Method: 'GET', Resource: '/a' };
    expect(await measured('AWS/ApiGateway', 'Count', method)).toBe(0);
    const patchOperations = [{ op: 'replace', path: '/*/*/metrics/enabled', value: 'true' } as const];
    await v1.send(new rest.UpdateStageCommand({ restApiId, stageName: 'live', patchOperations }));
    await call('/a');
    expect(await measured('AWS/ApiGateway', 'Count', method)).toBe(1);
    expect(await measured('AWS/ApiGateway', 'Count', dimensions)).toBe(3);
  });

  test('HTTP APIs: by id', async () => {
    const v2 = new http.ApiGatewayV2Client({ ...server.options(), maxAttempts: 1 });
    const { ApiId = '' } = await v2.send(
      new http.CreateApiCommand({
        Name: 'proxied',
        ProtocolType: 'HTTP',
        Target: `${server.url}/_gatehouse/health`,
      }),
    );
    await (await fetch(`${server.url}/_aws/execute-api/${ApiId}/`)).text();
    const dimensions = { ApiId, Stage: '$default' };
    expect(await measured('AWS/ApiGateway', 'Count', dimensions)).toBe(1);
    expect(await measured('AWS/ApiGateway', '4xx', { ApiId })).toBe(0);
    expect(await measured('AWS/ApiGateway', 'DataProcessed', dimensions)).toBeGreaterThan(10);
    expect(await measured('AWS/ApiGateway', 'IntegrationLatency', dimensions, 'SampleCount')).toBe(1);
  });

  test('Prometheus reads the same', async () => {
    const text = await (await fetch(`${server.url}/_gatehouse/metrics`)).text();
    expect(text).toMatch(/gatehouse_requests_total\{api="\w+",stage="live",method="GET",status="2xx"\} 2/);
  });
});

describe('what logs say', () => {
  const summed = async (
    MetricName: string,
    Dimensions: cloudwatch.Dimension[] = [],
  ): Promise<number | undefined> => {
    const { MetricDataResults = [] } = await client.send(
      new cloudwatch.GetMetricDataCommand({
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 60_000),
        MetricDataQueries: [
          {
            Id: 'm',
            MetricStat: {
              Metric: { Namespace: 'Logged', MetricName, Dimensions },
              Period: 7200,
              Stat: 'Sum',
            },
          },
        ],
      }),
    );
    return MetricDataResults[0]?.Values?.[0];
  };

  test('metric filters count it, and the embedded format is read', async () => {
    const log = new logs.CloudWatchLogsClient({ ...server.options(), maxAttempts: 1 });
    const place = { logGroupName: 'app', logStreamName: 'one' };
    await log.send(new logs.CreateLogGroupCommand({ logGroupName: 'app' }));
    await log.send(new logs.CreateLogStreamCommand(place));
    const filter = (filterName: string, filterPattern: string, metricValue: string, more = {}) =>
      log.send(
        new logs.PutMetricFilterCommand({
          logGroupName: 'app',
          filterName,
          filterPattern,
          metricTransformations: [
            { metricName: filterName, metricNamespace: 'Logged', metricValue, ...more },
          ],
        }),
      );
    await filter('Errors', 'ERROR', '1');
    await filter('Bytes', '{ $.bytes > 0 }', '$.bytes', { dimensions: { Page: '$.page' } });
    const embedded = {
      _aws: {
        Timestamp: Date.now(),
        CloudWatchMetrics: [
          {
            Namespace: 'Logged',
            Dimensions: [['Page'], []],
            Metrics: [{ Name: 'Latency', Unit: 'Milliseconds' }],
          },
        ],
      },
      Page: 'home',
      Latency: [3, 4],
    };
    const messages = [
      'ERROR one',
      'ERROR two',
      'fine',
      '{"bytes": 7, "page": "a"}',
      JSON.stringify(embedded),
    ];
    const logEvents = messages.map((message) => ({ message, timestamp: Date.now() }));
    await log.send(new logs.PutLogEventsCommand({ ...place, logEvents }));
    const page = (Value: string) => [{ Name: 'Page', Value }];
    while ((await summed('Latency')) === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(await summed('Latency', page('home'))).toBe(7);
    expect(await summed('Errors')).toBe(2);
    expect(await summed('Bytes', [{ Name: 'Page', Value: 'a' }])).toBe(7);
  });
});

describe('alarms', () => {
  const alarm = (AlarmName: string, more: Partial<cloudwatch.PutMetricAlarmInput> = {}) =>
    client.send(
      new cloudwatch.PutMetricAlarmCommand({
        AlarmName,
        Namespace: 'Shop',
        MetricName: 'Orders',
        Statistic: 'Sum',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        ...more,
      }),
    );

  const described = async (AlarmName: string) =>
    (await client.send(new cloudwatch.DescribeAlarmsCommand({ AlarmNames: [AlarmName] }))).MetricAlarms?.[0];

  async function until(AlarmName: string, state: string): Promise<cloudwatch.MetricAlarm> {
    for (;;) {
      const found = await described(AlarmName);
      if (found?.StateValue === state) return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  test('look at their metric as soon as they are made', async () => {
    const previous = new Date(Date.now() - MINUTE_MS);
    await put('Shop', { MetricName: 'Busy', Timestamp: previous, Value: 5 });
    await alarm('busy', { MetricName: 'Busy', EvaluationPeriods: 2, DatapointsToAlarm: 1 });
    const found = await until('busy', 'ALARM');
    expect(found.StateReason).toMatch(
      /^Threshold Crossed: 1 out of the last 1 datapoint \[5\.0 \(.+\)\] was greater than the threshold \(1\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
    );
    await alarm('quiet', { MetricName: 'Busy', Threshold: 10, EvaluationPeriods: 3 });
    expect((await until('quiet', 'OK')).StateReason).toContain('was not greater than the threshold (10.0)');
  });

  test('metric math', async () => {
    await put('Shop', { MetricName: 'Math', Timestamp: new Date(Date.now() - MINUTE_MS), Value: 6 });
    const Metrics = [
      { ...stat('m1', 'Math', 'Sum'), ReturnData: false },
      { Id: 'e1', Expression: 'm1 * 2' },
    ];
    const single = { Namespace: undefined, MetricName: undefined, Statistic: undefined, Period: undefined };
    await alarm('math', { ...single, Metrics, Threshold: 11, EvaluationPeriods: 3 });
    await until('math', 'ALARM');
  });

  test('a set state, composite alarms above it, and the history of both', async () => {
    await alarm('child', { MetricName: 'Never' });
    await client
      .send(
        new cloudwatch.PutCompositeAlarmCommand({
          AlarmName: 'parent',
          AlarmRule: 'ALARM("child") AND NOT ALARM(busy2)',
        }),
      )
      .catch((error: Error) => expect(error.message).toContain('[busy2]'));
    await client.send(
      new cloudwatch.PutCompositeAlarmCommand({ AlarmName: 'parent', AlarmRule: 'ALARM("child") OR FALSE' }),
    );
    await client.send(
      new cloudwatch.SetAlarmStateCommand({ AlarmName: 'child', StateValue: 'ALARM', StateReason: 'a test' }),
    );
    const { CompositeAlarms } = await client.send(
      new cloudwatch.DescribeAlarmsCommand({ AlarmNames: ['parent'], AlarmTypes: ['CompositeAlarm'] }),
    );
    expect(CompositeAlarms?.[0]?.StateValue).toBe('ALARM');
    const { AlarmHistoryItems = [] } = await client.send(
      new cloudwatch.DescribeAlarmHistoryCommand({ AlarmName: 'child', HistoryItemType: 'StateUpdate' }),
    );
    expect(AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
    ]);
    await expect(client.send(new cloudwatch.DeleteAlarmsCommand({ AlarmNames: ['child'] }))).rejects.toThrow(
      'parent',
    );
    await client.send(new cloudwatch.DeleteAlarmsCommand({ AlarmNames: ['child', 'parent'] }));
  });

  test.each([
    ['anomaly detection', { ThresholdMetricId: 'ad1' }],
    ['an action nobody carries out', { AlarmActions: ['arn:aws:automate:us-east-1:ec2:stop'] }],
    ['an unknown statistic', { Statistic: undefined, ExtendedStatistic: 'q99' }],
    ['more datapoints than periods', { DatapointsToAlarm: 2 }],
  ])('refused: %s', async (_name, more) => {
    await expect(alarm('refused', more as Partial<cloudwatch.PutMetricAlarmInput>)).rejects.toMatchObject({
      $fault: 'client',
    });
  });

  test('tags', async () => {
    await alarm('tagged', { Tags: [{ Key: 'team', Value: 'a' }] });
    const ResourceARN = (await described('tagged'))?.AlarmArn;
    await client.send(new cloudwatch.TagResourceCommand({ ResourceARN, Tags: [{ Key: 'env', Value: 'x' }] }));
    await client.send(new cloudwatch.UntagResourceCommand({ ResourceARN, TagKeys: ['team'] }));
    const { Tags } = await client.send(new cloudwatch.ListTagsForResourceCommand({ ResourceARN }));
    expect(Tags).toEqual([{ Key: 'env', Value: 'x' }]);
  });
});

test('dashboards', async () => {
  const DashboardBody = JSON.stringify({ widgets: [{ type: 'text', properties: { markdown: 'hello' } }] });
  await client.send(new cloudwatch.PutDashboardCommand({ DashboardName: 'main', DashboardBody }));
  const found = await client.send(new cloudwatch.GetDashboardCommand({ DashboardName: 'main' }));
  expect(found).toMatchObject({
    DashboardBody,
    DashboardArn: 'arn:aws:cloudwatch::123456789012:dashboard/main',
  });
  await expect(
    client.send(new cloudwatch.PutDashboardCommand({ DashboardName: 'main', DashboardBody: '[]' })),
  ).rejects.toMatchObject({ name: 'DashboardInvalidInputError' });
  await client.send(new cloudwatch.DeleteDashboardsCommand({ DashboardNames: ['main'] }));
  await expect(
    client.send(new cloudwatch.GetDashboardCommand({ DashboardName: 'main' })),
  ).rejects.toMatchObject({ name: expect.stringMatching(/NotFound/) });
});

test('CloudFormation makes alarms and dashboards', async () => {
  const stacks = new cfn.CloudFormationClient({ ...server.options(), maxAttempts: 1 });
  const template = {
    Resources: {
      Alarm: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          Namespace: 'Shop',
          MetricName: 'Orders',
          Statistic: 'Sum',
          Period: 60,
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: 'GreaterThanThreshold',
          Dimensions: [{ Name: 'a', Value: 'b' }],
        },
      },
      Both: {
        Type: 'AWS::CloudWatch::CompositeAlarm',
        Properties: { AlarmName: 'both', AlarmRule: { 'Fn::Sub': 'ALARM("${Alarm}")' } },
      },
      Board: {
        Type: 'AWS::CloudWatch::Dashboard',
        Properties: { DashboardName: 'board', DashboardBody: '{"widgets":[]}' },
      },
    },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Alarm', 'Arn'] } } },
  };
  const StackName = 'watched';
  await stacks.send(new cfn.CreateStackCommand({ StackName, TemplateBody: JSON.stringify(template) }));
  await cfn.waitUntilStackCreateComplete({ client: stacks, maxWaitTime: 20, minDelay: 1 }, { StackName });
  const { Stacks = [] } = await stacks.send(new cfn.DescribeStacksCommand({ StackName }));
  expect(Stacks[0]?.Outputs?.[0]?.OutputValue).toMatch(/:alarm:watched-Alarm-/);
  await stacks.send(new cfn.DeleteStackCommand({ StackName }));
  await cfn.waitUntilStackDeleteComplete({ client: stacks, maxWaitTime: 20, minDelay: 1 }, { StackName });
  const { DashboardEntries } = await client.send(new cloudwatch.ListDashboardsCommand({}));
  expect(DashboardEntries).toEqual([]);
});
