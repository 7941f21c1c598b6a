/** Input that cannot be read, answered in the words of each kind of service. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import type { Handler } from '../../src/wire/service.ts';
import { json, put, rest, send, serve, type RawRequest, type Served } from './testing.ts';

let served: Served;
let last: unknown;
const any: Handler = async (input) => {
  last = input;
  return {};
};

beforeAll(async () => {
  served = await serve({
    dynamodb: { PutItem: any },
    logs: { PutLogEvents: any },
    apigateway: { CreateRestApi: any, GetRestApis: any },
    s3: { PutBucketVersioning: any, GetObject: any },
  });
});
afterAll(() => served.stop());

describe('malformed input', () => {
  const coral = 'com.amazon.coral.service#SerializationException';
  const dynamodb: readonly [string, string][] = [
    ['{', 'Could not parse request body into json'],
    ['{"TableName":1}', 'NUMBER_VALUE cannot be converted to String'],
    ['{"TableName":true}', 'TRUE_VALUE cannot be converted to String'],
    ['{"TableName":{}}', 'Start of structure or map found where not expected'],
    ['{"TableName":[]}', 'Unrecognized collection type class java.lang.String'],
    ['{"TableName":"t","Item":"x"}', 'Expected map or null'],
    ['{"TableName":"t","Item":{"a":1}}', 'Expected null'],
    [
      '{"TableName":"t","Item":{"a":{"B":"abc"}}}',
      "'abc' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: 3",
    ],
    [
      '{"TableName":"t","Item":{"a":{"B":"ab*="}}}',
      "'ab*=' can not be converted to a Blob: Invalid Base64 character: '*'",
    ],
  ];
  for (const [body, message] of dynamodb)
    test(`DynamoDB ${body}`, async () => {
      const reply = await send(served, put(body));
      const { __type, Message, message: small } = JSON.parse(reply.text);
      expect([reply.status, __type, Message ?? small]).toEqual([400, coral, message]);
    });

  const others: readonly [string, RawRequest, string][] = [
    [
      'Logs',
      json(
        'Logs_20140328.PutLogEvents',
        '{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":"now","message":"m"}]}',
      ),
      'STRING_VALUE can not be converted to an Integer',
    ],
    [
      'REST JSON',
      rest('apigateway', 'POST', '/restapis', '{"name":{}}'),
      'Start of structure or map found where not expected.',
    ],
    [
      'REST JSON, a list',
      rest('apigateway', 'POST', '/restapis', '[]'),
      'Start of list found where not expected',
    ],
    [
      'query',
      rest('apigateway', 'GET', '/restapis?limit=many'),
      'STRING_VALUE can not be converted to an Integer',
    ],
  ];
  for (const [name, request, message] of others)
    test(name, async () => {
      const reply = await send(served, request);
      expect([reply.status, JSON.parse(reply.text).message]).toEqual([400, message]);
    });

  for (const [name, body] of Object.entries({
    'not closed': '<VersioningConfiguration><Status>Enabled</Status>',
    crossed: '<VersioningConfiguration><Status>Enabled</VersioningConfiguration></Status>',
    'entities of its own':
      '<!DOCTYPE x [<!ENTITY a "b">]><VersioningConfiguration><Status>&a;</Status></VersioningConfiguration>',
    'no XML': 'hello',
  }))
    test(`S3: XML ${name}`, async () => {
      const reply = await send(served, rest('s3', 'PUT', '/b?versioning', body));
      expect(reply.status).toBe(400);
      expect(reply.text).toContain(
        '<Code>MalformedXML</Code><Message>The XML you provided was not well-formed or did not validate against our published schema</Message>',
      );
    });

  test('S3: a body that must be there', async () => {
    const reply = await send(served, rest('s3', 'PUT', '/b?versioning', ''));
    expect([reply.status, /<Code>(.*)<\/Code>/.exec(reply.text)?.[1]]).toEqual([
      400,
      'MissingRequestBodyError',
    ]);
  });

  test('nested without end', async () => {
    const deep = '{"L":['.repeat(100_000);
    const json = await send(served, put(`{"TableName":"t","Item":{"a":${deep}`));
    expect([json.status, JSON.parse(json.text).message]).toEqual([400, 'nested too deeply']);
    const text = JSON.stringify({ TableName: 't', Item: { a: { S: '[{"\\'.repeat(1000) } } });
    expect((await send(served, put(text))).status).toBe(200);
    const xml = await send(served, rest('s3', 'PUT', '/b?versioning', '<a>'.repeat(100_000)));
    expect(xml.status).toBe(400);
  });

  test('a path that does not decode', async () => {
    const reply = await send(served, rest('s3', 'GET', '/b/%zz'));
    expect(reply.status).toBe(400);
  });

  test('keys that would change what objects are stay keys', async () => {
    await send(served, put('{"TableName":"t","Item":{"__proto__":{"S":"x"},"constructor":{"S":"y"}}}'));
    const { Item } = last as { Item: object }; // what the handler was given
    expect(Object.keys(Item)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(Item)).toBe(Object.prototype);
  });
});
