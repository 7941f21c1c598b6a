/** What the tests of this room share: a runner over temporary folders, and functions written as text. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { systemNow } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import type { FunctionCode, FunctionConfig, FunctionRunner, RunAnswer, RunRequest } from '../config.ts';
import { createFunctionRunner, type FunctionRunnerPorts, type RunnerLimits } from '../runner.ts';

export interface Bench {
  readonly runner: FunctionRunner;
  readonly dataDir: string;
  /** Every log message, in order, by stream. */
  readonly streams: Map<string, string[]>;
  messages(): string[];
  /** A folder with these files. */
  folder(files: Readonly<Record<string, string>>): FunctionCode;
  invoke(config: FunctionConfig, event?: unknown, more?: Partial<RunRequest>): Promise<Invoked>;
  close(): Promise<void>;
}

export interface Invoked extends RunAnswer {
  readonly json: unknown;
  readonly requestId: string;
}

let requests = 0;
const requestIdOf = (count: number): string => `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;

export function createBench(
  limits: Partial<RunnerLimits> = {},
  more: Pick<FunctionRunnerPorts, 'isolation' | 'processor' | 'usesCgroups' | 'wheelsFolder'> & {
    readonly parent?: string;
  } = {},
): Bench {
  const dataDir = mkdtempSync(join(more.parent ?? tmpdir(), 'gatehouse-functions-'));
  const streams = new Map<string, string[]>();
  const runner = createFunctionRunner({
    now: systemNow,
    log: silentLog,
    dataDir: join(dataDir, 'data'),
    endpointUrl: 'http://127.0.0.1:4566',
    writeLogEvents: (_scope, _group, stream, events) => {
      const lines = streams.get(stream) ?? [];
      streams.set(stream, lines);
      lines.push(...events.map(({ message }) => message));
    },
    limits,
    ...more,
  });
  let folders = 0;
  return {
    runner,
    dataDir,
    streams,
    messages: () => [...streams.values()].flat(),
    folder(files) {
      folders += 1;
      const path = join(dataDir, `code-${folders}`);
      for (const [name, text] of Object.entries(files)) writeAt(join(path, name), text);
      return { kind: 'folder', path };
    },
    async invoke(config, event = {}, more = {}) {
      requests += 1;
      const requestId = requestIdOf(requests);
      const answer = await runner.run(config, {
        requestId,
        invokedFunctionArn: config.functionArn,
        payload: Buffer.from(JSON.stringify(event)),
        ...more,
      });
      const text = Buffer.from(answer.payload).toString('utf8');
      return { ...answer, requestId, json: text === '' ? undefined : JSON.parse(text) };
    },
    async close() {
      await runner.close(0);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export function writeAt(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64');

export function functionOf(code: FunctionCode, more: Partial<FunctionConfig> = {}): FunctionConfig {
  const functionName = more.functionName ?? 'orders';
  return {
    functionArn: `arn:aws:lambda:eu-west-1:123456789012:function:${functionName}`,
    functionName,
    version: '$LATEST',
    revision: '1',
    scope: { account: '123456789012', region: 'eu-west-1' },
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    code,
    layers: [],
    environment: {},
    timeoutSeconds: 3,
    memorySizeMb: 256,
    ephemeralStorageMb: 512,
    logGroup: `/aws/lambda/${functionName}`,
    logFormat: 'Text',
    tracing: 'PassThrough',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
    ...more,
  };
}

/** Resolves once `condition` holds. */
export async function eventually<T>(condition: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = condition();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
