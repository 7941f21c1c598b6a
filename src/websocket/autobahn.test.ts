/**
 * The cases of the Autobahn test suite, whose own program needs Python 2, as a table of our own: case numbers as there.
 * Cases 12 and 13 (permessage-deflate) are not offered: API Gateway does not negotiate it, and neither do we.
 */
import { afterAll, expect, test } from 'bun:test';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Closing, WebSocketConnection, type WebSocketOwner } from './connection.ts';
import type { FrameRules } from './frame-reader.ts';
import { acceptUpgrade } from './handshake.ts';
import { closeFrame, frame, RawClient } from './testing/raw-client.ts';

const closings: Closing[] = [];
const echo: WebSocketOwner<null> = {
  message: (connection, payload) => void connection.send(payload),
  closed: (_connection, how) => void closings.push(how),
};
const rules: FrameRules = { frameBytes: 16 << 20, messageBytes: 16 << 20, acceptsBinary: true };
const strict: FrameRules = { frameBytes: 1024, messageBytes: 4096, acceptsBinary: false };

const server = createServer();
server.on('upgrade', (request, socket, head: Buffer) => {
  acceptUpgrade(socket, request.headers['sec-websocket-key'] ?? '', undefined);
  new WebSocketConnection(socket, request.url === '/strict' ? strict : rules, echo, null).open(head);
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo; // a TCP server's address
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const [CONT, TEXT, BINARY, PING, PONG] = [0, 1, 2, 9, 10];
const part = (opcode: number, payload: string | Uint8Array = ''): Buffer =>
  frame(opcode, payload, { last: false });
const rsv = (bits: number, opcode: number = TEXT): Buffer => frame(opcode, 'x', { rsv: bits });
const BYE = closeFrame(1000);
const long = (size: number): string => '*'.repeat(size);
const long0xfe = (size: number): Buffer => Buffer.alloc(size, 0xfe);
const KOSME = 'κόσμε';

type Row = readonly [number: string, sent: readonly Uint8Array[], received: readonly string[]];
const rows: readonly Row[] = [
  ...[0, 125, 126, 127, 128, 65_535, 65_536].map(
    (size, at): Row => [`1.1.${at + 1}`, [frame(TEXT, long(size)), BYE], [told('text', size), 'close 1000']],
  ),
  ...[0, 125, 126, 127, 128, 65_535, 65_536].map(
    (size, at): Row => [
      `1.2.${at + 1}`,
      [frame(BINARY, long0xfe(size)), BYE],
      [size > 64 ? `binary ${size} bytes` : 'binary ', 'close 1000'],
    ],
  ),
  ['2.1', [frame(PING), BYE], ['pong ', 'close 1000']],
  ['2.2', [frame(PING, 'Hello, world!'), BYE], ['pong Hello, world!', 'close 1000']],
  ['2.3', [frame(PING, Buffer.from([0, 1, 2])), BYE], ['pong \0\x01\x02', 'close 1000']],
  ['2.4', [frame(PING, long(125)), BYE], ['pong 125 bytes', 'close 1000']],
  ['2.5', [frame(PING, long(126))], ['close 1002']],
  ['2.7', [frame(PONG), BYE], ['close 1000']],
  ['2.8', [frame(PONG, 'unsolicited'), BYE], ['close 1000']],
  ['2.9', [frame(PONG, 'x'), frame(PING, 'y'), BYE], ['pong y', 'close 1000']],
  [
    '2.10',
    [...Array.from({ length: 10 }, (_, at) => frame(PING, `${at}`)), BYE],
    [...Array.from({ length: 10 }, (_, at) => `pong ${at}`), 'close 1000'],
  ],
  ['3.1', [rsv(1)], ['close 1002']],
  ['3.2', [frame(TEXT, 'a'), rsv(2), frame(PING)], ['text a', 'close 1002']],
  ['3.3', [frame(TEXT, 'a'), rsv(3), frame(PING)], ['text a', 'close 1002']],
  ['3.4', [frame(TEXT, 'a'), rsv(4), frame(PING)], ['text a', 'close 1002']],
  ['3.5', [rsv(5, BINARY)], ['close 1002']],
  ['3.6', [rsv(6, PING)], ['close 1002']],
  ['3.7', [rsv(7, 8)], ['close 1002']],
  ...[3, 4, 5, 6, 7].map(
    (opcode, at): Row => [`4.1.${at + 1}`, [frame(opcode, at % 2 ? 'x' : '')], ['close 1002']],
  ),
  ...[11, 12, 13, 14, 15].map(
    (opcode, at): Row => [`4.2.${at + 1}`, [frame(opcode, at % 2 ? 'x' : '')], ['close 1002']],
  ),
  ['5.1', [part(PING, 'a'), frame(CONT, 'b')], ['close 1002']],
  ['5.2', [part(PONG, 'a'), frame(CONT, 'b')], ['close 1002']],
  ['5.3', [part(TEXT, 'a'), frame(CONT, 'b'), BYE], ['text ab', 'close 1000']],
  ['5.6', [part(TEXT, 'a'), frame(PING, 'p'), frame(CONT, 'b'), BYE], ['pong p', 'text ab', 'close 1000']],
  ['5.9', [frame(CONT, 'x'), frame(TEXT, 'a')], ['close 1002']],
  ['5.12', [part(CONT, 'x'), frame(TEXT, 'a')], ['close 1002']],
  ['5.15', [part(TEXT, 'a'), frame(CONT, 'b'), part(CONT, 'c'), frame(TEXT, 'd')], ['text ab', 'close 1002']],
  ['5.16', [part(CONT, 'x'), part(TEXT, 'a'), frame(CONT, 'b')], ['close 1002']],
  ['5.18', [part(TEXT, 'a'), frame(TEXT, 'b')], ['close 1002']],
  [
    '5.19',
    [
      part(TEXT, '1'),
      part(CONT, '2'),
      frame(PING, 'p'),
      part(CONT, '3'),
      part(CONT, '4'),
      frame(PING, 'q'),
      frame(CONT, '5'),
      BYE,
    ],
    ['pong p', 'pong q', 'text 12345', 'close 1000'],
  ],
  ['6.1.1', [frame(TEXT), BYE], ['text ', 'close 1000']],
  ['6.1.2', [part(TEXT), part(CONT), frame(CONT), BYE], ['text ', 'close 1000']],
  ['6.1.3', [part(TEXT), part(CONT, 'middle'), frame(CONT), BYE], ['text middle', 'close 1000']],
  ['6.2.1', [frame(TEXT, `Hello-µ@ßöäüàá-UTF-8!!`), BYE], ['text Hello-µ@ßöäüàá-UTF-8!!', 'close 1000']],
  ['6.2.3', [...bytewise(Buffer.from('Hello-µ@ßöäüàá')), BYE], ['text Hello-µ@ßöäüàá', 'close 1000']],
  ['6.2.4', [...bytewise(Buffer.from(KOSME)), BYE], [`text ${KOSME}`, 'close 1000']],
  ['6.3.1', [frame(TEXT, invalid())], ['close 1007']],
  ['6.3.2', bytewise(invalid()), ['close 1007']],
  ['6.4.1', [part(TEXT, KOSME), part(CONT, Buffer.from('f4908080', 'hex'))], ['close 1007']],
  [
    '6.4.2',
    [
      part(TEXT, Buffer.concat([Buffer.from(KOSME), Buffer.from('f4', 'hex')])),
      part(CONT, Buffer.from('90', 'hex')),
    ],
    ['close 1007'],
  ],
  ['6.4.3', [frame(TEXT, Buffer.concat([invalid(), Buffer.alloc(100, 65)])).subarray(0, 30)], ['close 1007']],
  ...[
    'f7bfbfbf',
    '80',
    'bf',
    '80bf80',
    'c0',
    'e0',
    'f8',
    'fc',
    'c0af',
    'e080af',
    'f08080af',
    'c1bf',
    'e09fbf',
    'f08fbfbf',
    'c080',
    'eda080',
    'edafbf',
    'edb080',
    'edbfbf',
    'eda080edb080',
    'f4908080',
    'fe',
    'ff',
  ].map((hex): Row => [`6.6 to 6.21, ${hex}`, [frame(TEXT, Buffer.from(hex, 'hex'))], ['close 1007']]),
  ...[
    '00',
    '7f',
    'c280',
    'dfbf',
    'e0a080',
    'efbfbf',
    'f0908080',
    'f48fbfbf',
    'efbfbd',
    'efbfbe',
    'ee8080',
    'ed9fbf',
  ].map(
    (hex): Row => [
      `6.5 to 6.23, ${hex}`,
      [frame(TEXT, Buffer.from(hex, 'hex')), BYE],
      [`text ${Buffer.from(hex, 'hex').toString()}`, 'close 1000'],
    ],
  ),
  ['7.1.1', [frame(TEXT, 'a'), BYE], ['text a', 'close 1000']],
  ['7.1.2', [BYE, BYE], ['close 1000']],
  ['7.1.3', [BYE, frame(PING)], ['close 1000']],
  ['7.1.4', [BYE, frame(TEXT, 'late')], ['close 1000']],
  ['7.1.5', [part(TEXT, 'a'), BYE, frame(CONT, 'b')], ['close 1000']],
  ['7.3.1', [frame(8)], ['close']],
  ['7.3.2', [frame(8, 'a')], ['close 1002']],
  ['7.3.4', [closeFrame(1000, 'Hello World!')], ['close 1000']],
  ['7.3.5', [closeFrame(1000, long(123))], ['close 1000']],
  ['7.3.6', [closeFrame(1000, long(124))], ['close 1002']],
  ['7.5.1', [closeFrame(1000, invalid())], ['close 1007']],
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map(
    (code): Row => [`7.7, ${code}`, [closeFrame(code)], [`close ${code}`]],
  ),
  ...[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535].map(
    (code): Row => [`7.9 and 7.13, ${code}`, [closeFrame(code)], ['close 1002']],
  ),
  ['9.1.6', [frame(TEXT, long(4 << 20)), BYE], [told('text', 4 << 20), 'close 1000']],
  [
    '9.3, 4 MB in frames of 64 KB',
    [...fragments(4 << 20, 64 << 10), BYE],
    [told('text', 4 << 20), 'close 1000'],
  ],
  ['10.1.1', [...fragments(65_536, 1300), BYE], ['text 65536 bytes', 'close 1000']],
  ['not masked', [frame(TEXT, 'a', { masked: false })], ['close 1002']],
];

function told(name: string, size: number): string {
  return size > 64 ? `${name} ${size} bytes` : `${name} ${long(size)}`;
}

function invalid(): Buffer {
  return Buffer.concat([Buffer.from(KOSME), Buffer.from('eda080', 'hex'), Buffer.from('edited')]);
}

function bytewise(text: Buffer): Buffer[] {
  return [...text].map((byte, at) =>
    frame(at === 0 ? TEXT : CONT, Buffer.from([byte]), { last: at === text.length - 1 }),
  );
}

function fragments(size: number, each: number): Buffer[] {
  const count = Math.ceil(size / each);
  return Array.from({ length: count }, (_, at) =>
    frame(at === 0 ? TEXT : CONT, long(Math.min(each, size - at * each)), { last: at === count - 1 }),
  );
}

for (const [number, sent, received] of rows)
  test(`case ${number}`, async () => {
    const client = new RawClient(port);
    client.send(...sent);
    await client.end();
    expect(client.shown()).toEqual([...received]);
  });

for (const step of [1, 2, 7, 997])
  test(`whatever the network cuts it into, here ${step} bytes at a time`, async () => {
    const client = new RawClient(port);
    await client.until(() => client.head !== '');
    const bytes = Buffer.concat([
      frame(TEXT, `${KOSME}${long(200)}`),
      part(TEXT, 'a'),
      frame(PING, 'p'),
      frame(CONT, 'b'),
      frame(BINARY, 'c'),
      BYE,
    ]);
    client.socket.setNoDelay(true);
    for (let at = 0; at < bytes.length; at += step) {
      client.socket.write(bytes.subarray(at, at + step));
      if (at % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await client.end();
    expect(client.shown()).toEqual(['text 210 bytes', 'pong p', 'text ab', 'binary c', 'close 1000']);
  });

const limited: readonly Row[] = [
  ['a frame at its limit', [frame(TEXT, long(1024)), BYE], ['text 1024 bytes', 'close 1000']],
  ['a frame over it, told by its head alone', [frame(TEXT, long(1025)).subarray(0, 8)], ['close 1009']],
  [
    'a message at its limit',
    [...fragments(4096, 1024), BYE],
    [
      ...Array.from({ length: 1 }, () => 'text 1024 bytes'),
      'more 1024 bytes',
      'more 1024 bytes',
      'more 1024 bytes',
      'close 1000',
    ],
  ],
  ['a message over it', [...fragments(4097, 1024)], ['close 1009']],
  [
    'a length nobody can hold',
    [Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4])],
    ['close 1009'],
  ],
  ['a binary frame where only text is taken', [frame(BINARY, 'x')], ['close 1003']],
];
for (const [name, sent, received] of limited)
  test(`limits: ${name}`, async () => {
    const client = new RawClient(port, '/strict');
    client.send(...sent);
    await client.end();
    expect(client.shown()).toEqual([...received]);
  });

test('how a connection ended is told once, with its code and reason', async () => {
  const ways: readonly [act: (client: RawClient) => void, told: string][] = [
    [(client) => client.send(closeFrame(4001, 'done')), '4001 done client'],
    [(client) => client.send(frame(8)), '1005 Client-side close frame status not set client'],
    [(client) => client.socket.end(), '1006 Connection closed abnormally client'],
    [(client) => client.socket.resetAndDestroy(), '1006 Connection closed abnormally client'],
    [(client) => client.send(frame(3)), '1002 Unknown opcode 3 server'],
  ];
  for (const [act, told] of ways) {
    closings.length = 0;
    const client = new RawClient(port);
    await client.until(() => client.head !== '');
    act(client);
    await client.end();
    while (closings.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(closings.map(({ code, reason, by }) => `${code} ${reason} ${by}`)).toEqual([told]);
  }
});

test('a client of the platform talks to it', async () => {
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  const got = new Promise((resolve) => client.addEventListener('message', ({ data }) => resolve(data)));
  client.addEventListener('open', () => client.send(KOSME));
  expect(await got).toBe(KOSME);
  const closed = new Promise((resolve) => client.addEventListener('close', ({ code }) => resolve(code)));
  client.close(1000);
  expect(await closed).toBe(1000);
});
