/** The checks in Python: boto3, what most programs beside the AWS CLI speak, against a server of their own each. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { silentLog } from '../../src/base/log.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';

const SHARED = 'gatehouse.py';
const checks = readdirSync(import.meta.dir).filter((file) => file.endsWith('.py') && file !== SHARED);

let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ host: '127.0.0.1', port: 0, data: null, auth: 'open', log: silentLog });
});
afterAll(() => server.close());

test.each(checks)('%s', async (file) => {
  await fetch(`${server.url}/_gatehouse/reset`, { method: 'POST' });
  expect(await python(file)).toEqual({ code: 0, output: '' });
});

function python(file: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('python3', [join(import.meta.dir, file)], {
    env: {
      ...process.env,
      GATEHOUSE_URL: server.url,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONWARNINGS: 'ignore',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
