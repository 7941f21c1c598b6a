import { expect, test } from 'bun:test';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './testing/bench.ts';

/** Runs three functions, one of them in an endless loop and one frozen, says who they are, and is killed. */
const server = (folder: string): string => `
  import { createBench, functionOf } from ${JSON.stringify(join(import.meta.dir, 'testing/bench.ts'))};
  const bench = createBench();
  const pid = 'process.pid';
  const make = (functionName, text, more) => functionOf(bench.folder({ 'index.js': text, 'index.py': 'import os\\ndef handler(e, c):\\n    return os.getpid()\\n' }), { functionName, ...more });
  const idle = await bench.invoke(make('idle', 'exports.handler = async () => process.pid;'));
  const python = await bench.invoke(make('python', '', { runtime: 'python3.11' }));
  await new Promise((resolve) => setTimeout(resolve, 50));
  const file = ${JSON.stringify(join(folder, 'busy'))};
  void bench.invoke(make('busy', 'exports.handler = async () => { require("node:fs").writeFileSync(' + JSON.stringify(file) + ', String(process.pid)); for (;;); };', { timeoutSeconds: 600 }));
  const { existsSync, readFileSync } = await import('node:fs');
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 5));
  console.log(JSON.stringify({ dataDir: bench.dataDir, pids: [idle.json, python.json, Number(readFileSync(file, 'utf8'))] }));
`;

test('no environment outlives a server that is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-orphans-'));
  const child = spawn(process.execPath, ['-e', server(folder)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const text = await new Promise<string>((resolve) =>
    child.stdout.once('data', (bytes) => resolve(String(bytes))),
  );
  const { pids, dataDir } = JSON.parse(text) as { pids: number[]; dataDir: string };
  expect(pids.filter(runs)).toEqual(pids);
  child.kill('SIGKILL');
  await eventually(() => pids.every((pid) => !runs(pid)));
  rmSync(folder, { recursive: true });
  rmSync(dataDir, { recursive: true });
});

function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
