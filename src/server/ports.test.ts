/** Which ports a server listens on, and what each takes. */
import { expect, test } from 'bun:test';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { connect } from 'node:tls';
import { silentLog } from '../base/log.ts';
import { type RunningServer, startServer } from './start.ts';

const start = (port: number, httpsPort?: number | null): Promise<RunningServer> =>
  startServer({
    host: '127.0.0.1',
    port,
    ...(httpsPort === undefined ? {} : { httpsPort }),
    data: null,
    auth: 'open',
    log: silentLog,
  });

const listening = (port = 0): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** A port that is free now and was not chosen by anybody else a moment ago. */
async function freePort(): Promise<number> {
  const server = await listening();
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const healthByTls = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false });
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.once('end', () => resolve(text));
    socket.once('error', reject);
    socket.write('GET /_gatehouse/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  });

test('one port for both', async () => {
  const port = await freePort();
  const server = await start(port, port);
  expect(server.url).toBe(`http://127.0.0.1:${port}`);
  expect(server.httpsUrl).toBe(`https://127.0.0.1:${port}`);
  expect((await fetch(`${server.url}/_gatehouse/health`)).status).toBe(200);
  expect(await healthByTls(server.httpsUrl ?? '')).toContain('"status":"ready"');
  await server.close();
});

test('none for HTTPS', async () => {
  const server = await start(0, null);
  expect(server.httpsUrl).toBeUndefined();
  await server.close();
});

test('beside: another one when the next is taken, and an error when a wish cannot be met', async () => {
  const taken = await listening();
  const port = portOf(taken);
  const beside = await start(port - 1).catch(() => start(0));
  expect(beside.httpsUrl).not.toBe(`https://127.0.0.1:${port}`);
  await beside.close();
  await expect(start(0, port)).rejects.toThrow('choose another with --https-port');
  taken.close();
});

test('a stop waits for what is under way on both ports', async () => {
  const server = await start(0);
  const answers = [healthByTls(server.httpsUrl ?? ''), fetch(`${server.url}/_gatehouse/health`)];
  await Promise.all(answers);
  await server.close();
  await expect(fetch(`${server.url}/_gatehouse/health`)).rejects.toThrow();
});
