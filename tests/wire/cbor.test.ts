/** CBOR: the format by its standard's examples, and the protocol over it. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { decodeCbor, encodeCbor } from '../../src/wire/codecs/cbor.ts';
import type { Handler } from '../../src/wire/service.ts';
import { fails, send, serve, type RawRequest, type Served } from './testing.ts';

let served: Served;
let last: unknown;
let answer: Handler = async () => ({});

beforeAll(async () => {
  served = await serve({
    dynamodb: {
      PutItem: async (input, call) => {
        last = input;
        return answer(input, call);
      },
    },
  });
});
afterAll(() => served.stop());

const cbor = (body: Uint8Array): RawRequest => ({
  method: 'POST',
  path: '/service/DynamoDB_20120810/operation/PutItem',
  headers: {
    'smithy-protocol': 'rpc-v2-cbor',
    'content-type': 'application/cbor',
    accept: 'application/cbor',
  },
  body,
});

describe('CBOR', () => {
  test('there and back', async () => {
    answer = async () => ({ Attributes: { b: { B: Buffer.from('hi') }, t: { BOOL: true } } });
    const input = { TableName: 't', Item: { b: { B: Buffer.from('hi') }, n: { N: '1' } } };
    const reply = await send(served, cbor(encodeCbor(input)));
    expect([reply.status, reply.headers['content-type'], reply.headers['smithy-protocol']]).toEqual([
      200,
      'application/cbor',
      'rpc-v2-cbor',
    ]);
    expect(last).toMatchObject({ TableName: 't', Item: { n: { N: '1' } } });
    expect(decodeCbor(reply.bytes)).toMatchObject({ Attributes: { t: { BOOL: true } } });
  });

  test('errors', async () => {
    answer = fails('ResourceNotFoundException', 'Requested resource not found');
    const reply = await send(served, cbor(encodeCbor({ TableName: 't', Item: {} })));
    expect([reply.status, decodeCbor(reply.bytes)]).toEqual([
      400,
      { __type: 'ResourceNotFoundException', message: 'Requested resource not found' },
    ]);
    const broken = await send(served, cbor(Uint8Array.of(0xbf, 0x61)));
    expect([broken.status, decodeCbor(broken.bytes)]).toMatchObject([
      400,
      { __type: 'SerializationException' },
    ]);
  });

  /** https://www.rfc-editor.org/rfc/rfc8949#appendix-A */
  const examples: readonly [string, unknown][] = [
    ['00', 0],
    ['1864', 100],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['3903e7', -1000],
    ['f93e00', 1.5],
    ['fa47c35000', 100_000],
    ['fb3ff199999999999a', 1.1],
    ['f97c00', Number.POSITIVE_INFINITY],
    ['f5', true],
    ['f6', null],
    ['c11a514b67b0', new Date(1_363_896_240_000)],
    ['6449455446', 'IETF'],
    ['7f657374726561646d696e67ff', 'streaming'],
    ['83010203', [1, 2, 3]],
    ['9f018202039f0405ffff', [1, [2, 3], [4, 5]]],
    ['a26161016162820203', { a: 1, b: [2, 3] }],
    ['bf61610161629f0203ffff', { a: 1, b: [2, 3] }],
    ['c249010000000000000000', 18_446_744_073_709_551_616n],
  ];
  for (const [hex, value] of examples)
    test(hex, () => {
      expect(decodeCbor(Buffer.from(hex, 'hex'))).toEqual(value);
      expect(decodeCbor(encodeCbor(value))).toEqual(value);
    });
});
