/** A load of GET requests at a fixed number of connections, by autocannon in a process of its own. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { treeOf } from './process-tree.ts';

export interface Measured {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the whole process tree of the server under test. */
  readonly cpuMicrosecondsPerRequest: number;
  readonly failed: number;
}

interface Report {
  readonly requests: { readonly total: number };
  readonly duration: number;
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly non2xx: number;
  readonly errors: number;
}

const CANNON = join(import.meta.dir, 'peers', 'node_modules', 'autocannon', 'autocannon.js');

export async function load(
  url: string,
  pid: number,
  seconds: number,
  connections = 64,
  more: readonly string[] = [],
): Promise<Measured> {
  const before = treeOf(pid).cpuSeconds;
  const report = await cannon(['-j', '-d', String(seconds), '-c', String(connections), ...more, url]);
  const cpuSeconds = treeOf(pid).cpuSeconds - before;
  const { total } = report.requests;
  return {
    requestsPerSecond: total / report.duration,
    p50Ms: report.latency.p50,
    p99Ms: report.latency.p99,
    cpuMicrosecondsPerRequest: (cpuSeconds * 1e6) / total,
    failed: report.non2xx + report.errors,
  };
}

function cannon(args: readonly string[]): Promise<Report> {
  const child = spawn('node', [CANNON, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // What autocannon prints with -j is the report above.
    child.on('exit', () => resolve(JSON.parse(text) as Report));
  });
}
