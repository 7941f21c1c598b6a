/** Trace headers through a stage, X-Ray's records of them, and spans to a collector. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as rest from '@aws-sdk/client-api-gateway';
import * as xray from '@aws-sdk/client-xray';
import { silentLog } from '../../src/base/log.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';
import { credentials } from './test-server.ts';

let server: RunningServer;
let client: xray.XRayClient;
let backend: Server;
let seen: IncomingHttpHeaders[] = [];
let spans: OtlpSpan[] = [];
let url: string;

interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
}

beforeAll(async () => {
  backend = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/v1/traces') {
        const body = JSON.parse(Buffer.concat(chunks).toString());
        spans.push(...body.resourceSpans[0].scopeSpans[0].spans);
      } else seen.push(request.headers);
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  const { port } = backend.address() as AddressInfo;
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${port}`;
  server = await startServer({ host: '127.0.0.1', port: 0, data: null, auth: 'open', log: silentLog });
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const options = { endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 };
  client = new xray.XRayClient(options);
  const v1 = new rest.APIGatewayClient(options);
  const uri = `http://127.0.0.1:${port}/back`;
  const get = {
    responses: { '200': { description: 'ok' } },
    'x-amazon-apigateway-integration': { type: 'http_proxy', httpMethod: 'GET', uri },
  };
  const document = { openapi: '3.0.1', info: { title: 'traced', version: '1' }, paths: { '/a': { get } } };
  const { id: restApiId = '' } = await v1.send(
    new rest.ImportRestApiCommand({ body: Buffer.from(JSON.stringify(document)) }),
  );
  await v1.send(new rest.CreateDeploymentCommand({ restApiId, stageName: 'on', tracingEnabled: true }));
  await v1.send(new rest.CreateDeploymentCommand({ restApiId, stageName: 'off' }));
  url = `${server.url}/_aws/execute-api/${restApiId}`;
});

afterAll(async () => {
  await server.close();
  backend.close();
});

const ROOT = `1-${Math.floor(Date.now() / 1000).toString(16)}-bd862e3fe1be46a994272793`;

/** The trace header that the backend got. */
async function sent(stage: string, header?: string): Promise<string> {
  seen = [];
  await (await fetch(`${url}/${stage}/a`, { headers: header ? { 'x-amzn-trace-id': header } : {} })).text();
  return String(seen[0]?.['x-amzn-trace-id']);
}

describe('the header', () => {
  test('without X-Ray: a Root is made, and what a client says is handed on', async () => {
    expect(await sent('off')).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    const whole = `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`;
    expect(await sent('off', whole)).toBe(whole);
  });

  test('with X-Ray: the stage is the parent, and decides where nobody did', async () => {
    const first = await sent('on', `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1`);
    expect(first).toMatch(new RegExp(`^Root=${ROOT};Parent=[0-9a-f]{16};Sampled=1$`));
    expect(first).not.toContain('53995c3f42cd8ad8');
    expect(await sent('on', `Root=${ROOT};Sampled=0`)).toEndWith('Sampled=0');
    expect(await sent('on')).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=[01]$/);
  });
});

describe('X-Ray', () => {
  const summaries = async (FilterExpression?: string) => {
    const StartTime = new Date(Date.now() - 600_000);
    const EndTime = new Date(Date.now() + 60_000);
    const input = { StartTime, EndTime, FilterExpression };
    return (await client.send(new xray.GetTraceSummariesCommand(input))).TraceSummaries ?? [];
  };

  test('a sampled request is found with its segment', async () => {
    const { Traces = [] } = await client.send(new xray.BatchGetTracesCommand({ TraceIds: [ROOT] }));
    const [segment] = Traces[0]?.Segments ?? [];
    expect(JSON.parse(segment?.Document ?? '')).toMatchObject({
      trace_id: ROOT,
      parent_id: '53995c3f42cd8ad8',
      name: 'traced/on',
      origin: 'AWS::ApiGateway::Stage',
      http: { request: { method: 'GET' }, response: { status: 200 } },
      subsegments: [{ name: 'Integration' }],
    });
    expect(await summaries('service("traced/on") AND http.status = 200 AND NOT fault')).not.toEqual([]);
    expect(await summaries('service("traced/off")')).toEqual([]);
    expect(await summaries('responsetime > 60 OR error')).toEqual([]);
  });

  test('segments of others', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const trace_id = `1-${seconds.toString(16)}-aaaaaaaaaaaaaaaaaaaaaaaa`;
    const good = {
      id: 'aaaaaaaaaaaaaaaa',
      trace_id,
      name: 'shop',
      start_time: seconds,
      end_time: seconds + 2,
      fault: true,
      annotations: { customer: 'alice', items: 3 },
    };
    const { UnprocessedTraceSegments } = await client.send(
      new xray.PutTraceSegmentsCommand({
        TraceSegmentDocuments: [JSON.stringify(good), '{', JSON.stringify({ ...good, id: 'short' })],
      }),
    );
    expect(UnprocessedTraceSegments?.map(({ ErrorCode }) => ErrorCode)).toEqual(['ParseError', 'MissingId']);
    const [found] = await summaries('annotation.customer = "alice" AND duration >= 2 AND fault');
    expect(found).toMatchObject({
      Id: trace_id,
      Duration: 2,
      HasFault: true,
      ServiceIds: [{ Name: 'shop' }],
    });
    await expect(summaries('edge("a", "b")')).rejects.toThrow('not supported');
  });

  test('sampling rules: the first that fits decides', async () => {
    const rule = {
      RuleName: 'nothing',
      Priority: 1,
      FixedRate: 0,
      ReservoirSize: 0,
      ServiceName: 'traced/*',
      ServiceType: '*',
      Host: '*',
      HTTPMethod: 'GET',
      URLPath: '*',
      ResourceARN: '*',
      Version: 1,
    };
    await client.send(new xray.CreateSamplingRuleCommand({ SamplingRule: rule }));
    const { SamplingRuleRecords = [] } = await client.send(new xray.GetSamplingRulesCommand({}));
    expect(SamplingRuleRecords.map(({ SamplingRule }) => SamplingRule?.RuleName)).toEqual([
      'nothing',
      'Default',
    ]);
    // The first request asks for the rules and goes by the default.
    await sent('on');
    for (let at = 0; at < 5; at++) expect(await sent('on')).toEndWith('Sampled=0');
    const update = { RuleName: 'nothing', FixedRate: 1 };
    await client.send(new xray.UpdateSamplingRuleCommand({ SamplingRuleUpdate: update }));
    await sent('on');
    for (let at = 0; at < 5; at++) expect(await sent('on')).toEndWith('Sampled=1');
    await client.send(new xray.DeleteSamplingRuleCommand({ RuleName: 'nothing' }));
    const targets = await client.send(
      new xray.GetSamplingTargetsCommand({
        SamplingStatisticsDocuments: [
          {
            RuleName: 'Default',
            ClientID: 'a'.repeat(24),
            Timestamp: new Date(),
            RequestCount: 1,
            SampledCount: 1,
          },
        ],
      }),
    );
    expect(targets.SamplingTargetDocuments).toMatchObject([
      { RuleName: 'Default', ReservoirQuota: 1, FixedRate: 0.05 },
    ]);
  });

  test('groups', async () => {
    const { Group } = await client.send(
      new xray.CreateGroupCommand({ GroupName: 'slow', FilterExpression: 'duration > 1' }),
    );
    expect(Group?.GroupARN).toMatch(/^arn:aws:xray:us-east-1:123456789012:group\/slow\/[A-Z2-7]{26}$/);
    await client.send(new xray.UpdateGroupCommand({ GroupName: 'slow', FilterExpression: 'error' }));
    expect((await client.send(new xray.GetGroupCommand({ GroupName: 'slow' }))).Group?.FilterExpression).toBe(
      'error',
    );
    await expect(
      client.send(new xray.CreateGroupCommand({ GroupName: 'bad', FilterExpression: 'duration >' })),
    ).rejects.toMatchObject({ name: 'InvalidRequestException' });
    await client.send(new xray.DeleteGroupCommand({ GroupName: 'slow' }));
    expect((await client.send(new xray.GetGroupsCommand({}))).Groups).toEqual([]);
  });

  test('what is not there names itself', async () => {
    await expect(
      client.send(new xray.GetInsightCommand({ InsightId: '12345678-1234-1234-1234-123456789012' })),
    ).rejects.toThrow('Gatehouse does not implement xray GetInsight');
  });
});

test('a collector gets a span for the request and one for its backend', async () => {
  const root = ROOT.replace(/3$/, '4');
  await sent('off', `Root=${root};Parent=53995c3f42cd8ad8`);
  const traceId = root.slice(2).replace('-', '');
  const own = (): OtlpSpan[] => spans.filter((span) => span.traceId === traceId);
  while (own().length < 2) await new Promise((resolve) => setImmediate(resolve));
  const [request, integration] = own();
  expect(request).toMatchObject({ name: 'GET /a', kind: 2, parentSpanId: '53995c3f42cd8ad8' });
  expect(integration).toMatchObject({ name: 'integration', kind: 3, parentSpanId: request?.spanId });
});
