/**
 * Every operation of every served client, through the real client: random input, random output, every error.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { systemNow } from '../../src/base/clock.ts';
import { Fault } from '../../src/base/fault.ts';
import type { Handler } from '../../src/wire/service.ts';
import {
  errorsOf,
  operationsOf,
  type OperationSchema,
  type SchemaModule,
  type StructureShape,
} from '../../src/wire/schema.ts';
import { createWire } from '../../src/wire/server.ts';
import { services, type ServiceId } from '../../src/wire/services.ts';
import { generate, normal, seeded, type Random, type Rules } from './generate.ts';

const PACKAGES: Readonly<Record<ServiceId, string>> = {
  apigateway: 'client-api-gateway',
  apigatewayv2: 'client-apigatewayv2',
  lambda: 'client-lambda',
  iam: 'client-iam',
  sts: 'client-sts',
  s3: 'client-s3',
  logs: 'client-cloudwatch-logs',
  cloudformation: 'client-cloudformation',
  dynamodb: 'client-dynamodb',
  acm: 'client-acm',
  sqs: 'client-sqs',
  sns: 'client-sns',
  events: 'client-eventbridge',
  scheduler: 'client-scheduler',
  stepfunctions: 'client-sfn',
  kinesis: 'client-kinesis',
  dynamodbstreams: 'client-dynamodb-streams',
  ssm: 'client-ssm',
  secretsmanager: 'client-secrets-manager',
  kms: 'client-kms',
  cloudwatch: 'client-cloudwatch',
  'cognito-idp': 'client-cognito-identity-provider',
  appsync: 'client-appsync',
  ec2: 'client-ec2',
  elbv2: 'client-elastic-load-balancing-v2',
  route53: 'client-route-53',
  servicediscovery: 'client-servicediscovery',
  wafv2: 'client-wafv2',
  apigatewaymanagementapi: 'client-apigatewaymanagementapi',
  'rds-data': 'client-rds-data',
  xray: 'client-xray',
  resourcegroupstaggingapi: 'client-resource-groups-tagging-api',
};

interface SdkClient {
  send(command: object): Promise<Record<string, unknown>>;
  destroy(): void;
}
type SdkModule = Readonly<Record<string, new (input: object) => object>>;

interface Seen {
  readonly operation: string;
  readonly input: unknown;
}

/** What the next call answers, and what the calls before were given. */
let answer: Handler = async () => ({});
const calls: Seen[] = [];

const everyHandler = new Proxy<Record<string, Handler>>(
  {},
  {
    getOwnPropertyDescriptor: () => ({ configurable: true, enumerable: true, value: null }),
    get:
      (_, operation): Handler =>
      async (input, call) => {
        calls.push({ operation: String(operation), input: await normal(input) });
        return answer(input, call);
      },
  },
);

let server: Server;
/** For the clients that speak HTTP/2 alone. */
let http2: Http2Server;
let endpoint = '';
let http2Endpoint = '';
beforeAll(async () => {
  const wire = createWire({
    services: async () => ({ handlers: everyHandler }),
    auth: 'open',
    // Random texts satisfy no pattern: what is tried here is that they arrive.
    loadChecks: async () => () => {},
    now: systemNow,
    log: (level, message, fields) => console.error(level, message, fields),
  });
  server = createServer((request, response) => void wire.handle(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server has one
  http2 = createHttp2Server((request, response) => {
    // The compatibility API of node:http2 has what the wire uses of these.
    void wire.handle(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  await new Promise<void>((done) => http2.listen(0, '127.0.0.1', done));
  http2Endpoint = `http://127.0.0.1:${(http2.address() as AddressInfo).port}`; // as above
});
afterAll(() => {
  server.closeAllConnections();
  http2.close();
});

const bucket = (random: Random): string => `bucket-${Math.floor(random() * 1000)}`;
const word = (random: Random): string => `w${Math.floor(random() * 1000)}`;
const S3_MEMBERS: Rules['members'] = {
  Bucket: bucket,
  // The client's own middleware changes these on their way.
  SSECustomerKey: undefined,
  SSECustomerKeyMD5: undefined,
  CopySourceSSECustomerKey: undefined,
  CopySourceSSECustomerKeyMD5: undefined,
  ContentMD5: undefined,
  ChecksumAlgorithm: undefined,
  ChecksumMode: undefined,
  ContentEncoding: undefined,
  ContentLength: undefined,
  Expires: undefined,
  ExpiresString: undefined,
  RequestRoute: word,
  // The client checks these against the body.
  ...Object.fromEntries(
    [
      'CRC32',
      'CRC32C',
      'CRC64NVME',
      'SHA1',
      'SHA256',
      'SHA512',
      'MD5',
      'XXHASH64',
      'XXHASH3',
      'XXHASH128',
    ].map((name) => [`Checksum${name}`, undefined]),
  ),
};

const MEMBERS: Readonly<Partial<Record<ServiceId, Rules['members']>>> = {
  s3: S3_MEMBERS,
  // Part of a host name, and asks for a signature the client lacks.
  events: { EndpointId: undefined },
};

/** Clients that once spoke the query protocol know an error by its code there, which two shapes may share. */
function namesOf(shape: StructureShape, schemas: SchemaModule): string[] {
  const code = shape.traits.awsQueryError?.[0];
  const same = [...errorsOf(schemas).values()].filter((other) => other.traits.awsQueryError?.[0] === code);
  return code === undefined ? [shape.name] : same.map(({ name }) => name);
}

function rulesFor(id: ServiceId, density: number): Rules {
  const protocol = services.find((row) => row.id === id)?.protocol ?? 'restJson1';
  const textual = ['restXml', 'awsQuery', 'ec2Query'].includes(protocol);
  return { density, members: MEMBERS[id] ?? {}, empties: !textual };
}

async function clientOf(id: ServiceId): Promise<{ client: SdkClient; module: SdkModule }> {
  const module = (await import(`@aws-sdk/${PACKAGES[id]}`)) as SdkModule; // one of the packages above
  const Client = Object.entries(module).find(([name]) => name.endsWith('Client') && name !== '__Client')?.[1];
  if (Client === undefined) throw new Error(`no client in ${PACKAGES[id]}`);
  const client = new Client({
    endpoint: id === 'kinesis' ? http2Endpoint : endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    forcePathStyle: true,
    // SQS: what is sent back is random, not the digest of what came.
    md5: false,
    disableHostPrefix: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return { client: client as SdkClient, module }; // every SDK client has these two methods
}

/** Streams are made anew for each side, as they can be read once. */
function withStreams(schema: OperationSchema, output: object): object {
  const shape = schema.output;
  if (shape.kind !== 'structure') return output;
  const copy: Record<string, unknown> = { ...output };
  for (const { name, target } of shape.members) {
    if (target.traits.streaming !== 1 || copy[name] === undefined) continue;
    if (target.kind === 'blob') copy[name] = Readable.from([copy[name]]);
    else copy[name] = events(copy[name]);
  }
  return copy;
}

async function* events(one: unknown): AsyncGenerator<unknown> {
  yield one;
}

/** One event of a stream stands for all; errors in streams are tried elsewhere. */
function generateOutput(schema: OperationSchema, rules: Rules, random: Random): Record<string, unknown> {
  if (schema.output.kind !== 'structure') return {};
  const members = schema.output.members;
  const output = generate(schema.output, rules, random) as Record<string, unknown>; // a structure
  for (const { name, target } of members)
    if (target.kind === 'structure' && target.traits.streaming === 1) {
      const plain = target.members.filter((event) => event.target.traits.error === undefined);
      output[name] = generate({ ...target, members: plain }, { ...rules, empties: true }, random);
    }
  return output;
}

function wrapEvents(schema: OperationSchema, output: Record<string, unknown>): Record<string, unknown> {
  if (schema.output.kind !== 'structure') return output;
  const streams = schema.output.members.filter(
    ({ target }) => target.kind === 'structure' && target.traits.streaming === 1,
  );
  return { ...output, ...Object.fromEntries(streams.map(({ name }) => [name, [output[name]]])) };
}

for (const { id, loadSchemas } of services) {
  describe(id, async () => {
    const schemas = await loadSchemas();
    const operations = operationsOf(schemas);

    test('inputs and outputs of every operation', async () => {
      const { client, module } = await clientOf(id);
      const wrong: string[] = [];
      let seed = 1;
      for (const schema of operations.values()) {
        for (const density of [0, 0.4, 1]) {
          const random = seeded(seed++);
          const rules = rulesFor(id, density);
          const input = generate(schema.input, rules, random) as object; // inputs are structures
          const output = generateOutput(schema, rules, random);
          answer = async () => withStreams(schema, output);
          calls.length = 0;
          const Command = module[`${schema.name}Command`];
          if (Command === undefined) throw new Error(`no ${schema.name}Command`);
          try {
            const got = await client.send(new Command({ ...input }));
            compare(`${schema.name} ${density} input`, await normal(input), calls[0]?.input, wrong);
            compare(
              `${schema.name} ${density} output`,
              await normal(wrapEvents(schema, output)),
              await normal(got),
              wrong,
            );
          } catch (thrown) {
            wrong.push(
              `${schema.name} ${density}: ${thrown instanceof Error ? thrown.stack : String(thrown)}`,
            );
          }
          expectOperation(schema.name, wrong);
        }
      }
      client.destroy();
      expect(wrong).toEqual([]);
    }, 60_000);

    test('every error', async () => {
      const { client, module } = await clientOf(id);
      const wrong: string[] = [];
      let seed = 1;
      const all = [...operations.values()].filter(({ traits }) => traits.http?.[0] !== 'HEAD');
      let turn = 0;
      for (const shape of errorsOf(schemas).values()) {
        const schema = all[turn++ % all.length];
        if (schema === undefined) throw new Error('no operations');
        const random = seeded(seed++);
        const input = generate(schema.input, rulesFor(id, 0), random) as object; // inputs are structures
        const members = generateError(shape, rulesFor(id, 1), random);
        answer = async () => {
          throw new Fault(shape.name, 'It is <so> & "so"', { members });
        };
        const Command = module[`${schema.name}Command`];
        if (Command === undefined) throw new Error(`no ${schema.name}Command`);
        const thrown: unknown = await client.send(new Command({ ...input })).catch((error: unknown) => error);
        const error = (thrown ?? {}) as Record<string, unknown>; // whatever the client throws has members
        if (!namesOf(shape, schemas).includes(String(error.name)))
          wrong.push(`${schema.name}: ${String(error.name)} instead of ${shape.name}`);
        if (error.message !== 'It is <so> & "so"')
          wrong.push(`${shape.name}: message ${String(error.message)}`);
        const got = Object.fromEntries(Object.keys(members).map((key) => [key, error[key]]));
        compare(shape.name, await normal(members), await normal(got), wrong);
      }
      client.destroy();
      expect(wrong).toEqual([]);
    }, 60_000);
  });
}

const generateError = (shape: StructureShape, rules: Rules, random: Random): Record<string, unknown> =>
  generate(
    { ...shape, members: shape.members.filter(({ name }) => name.toLowerCase() !== 'message') },
    rules,
    random,
  ) as Record<string, unknown>; // a structure

function expectOperation(name: string, wrong: string[]): void {
  const [first] = calls;
  if (first !== undefined && first.operation !== name) wrong.push(`${name} arrived as ${first.operation}`);
}

/** Clients add members of their own (idempotency tokens, checksums): what was sent must have arrived, unchanged. */
function compare(what: string, sent: unknown, got: unknown, wrong: string[]): void {
  const sentObject = (sent ?? {}) as Record<string, unknown>; // normal() gives plain objects
  const gotObject = (got ?? {}) as Record<string, unknown>; // as above
  for (const key of Object.keys(sentObject))
    if (!Bun.deepEquals(sentObject[key], gotObject[key]))
      wrong.push(
        `${what}.${key}: ${JSON.stringify(sentObject[key])} became ${JSON.stringify(gotObject[key])}`,
      );
}
