/** A disk that is full: what cannot be written is refused and says so, what was written stays, also over a restart. */
import { afterAll, expect, test } from 'bun:test';
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as s3 from '@aws-sdk/client-s3';
import { credentials } from '../sdk/test-server.ts';

const root = mkdtempSync(join(tmpdir(), 'gatehouse-full-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const launcher = join(import.meta.dir, '..', '..', 'bin', 'gatehouse');

/** A namespace of one's own, where a small file system can be mounted without touching the machine's. */
const NAMESPACE = process.getuid?.() === 0 ? ['-m'] : ['-Urm'];
const canMount =
  spawnSync('unshare', [...NAMESPACE, 'mount', '-t', 'tmpfs', 'tmpfs', root], { stdio: 'ignore' }).status ===
  0;

/** Runs the server once for every line it reads, so that both runs see the same disk. */
const RUNS =
  'while read line; do "$0" start --port 0 --data "$1" & echo "pid $!"; wait $!; echo "ended with $?"; done';
const DISKS = [
  {
    name: 'a limit on the size of files',
    command: ['sh', '-c', `ulimit -f 2048; trap '' XFSZ; ${RUNS}`],
    status: 503,
    reason: 'disk I/O error',
  },
  ...(canMount
    ? [
        {
          name: 'a small file system',
          command: ['unshare', ...NAMESPACE, 'sh', '-c', `mount -t tmpfs -o size=2m tmpfs "$1" && ${RUNS}`],
          status: 507,
          reason: 'database or disk is full',
        },
      ]
    : []),
];

test.each(DISKS)(
  '$name',
  async ({ name, command, status, reason }) => {
    const data = join(root, name.replaceAll(' ', '-'));
    mkdirSync(data);
    const disk = openDisk(command, data);
    try {
      const first = await disk.start();
      await first.createTable();
      await first.upload('early', 'kept');
      const refusal = await fill(first);
      expect(refusal).toMatchObject({ $metadata: { httpStatusCode: status } });
      expect(String(refusal)).toContain(`gatehouse cannot write to ${data}: ${reason}. Nothing was changed.`);
      await expect(first.upload('large', 'x'.repeat(4_000_000))).rejects.toThrow(`cannot write to ${data}`);
      const kept = await first.names();
      expect(kept.length).toBeGreaterThan(1);
      expect(await first.stop()).toBe(0);

      const second = await disk.start();
      expect(await second.names()).toEqual(kept);
      expect(await second.download('early')).toBe('kept');
      expect(await second.stop()).toBe(0);
    } finally {
      disk.close();
    }
  },
  60_000,
);

/** Writes until it is refused; the refusal. */
async function fill(server: RunningOnDisk): Promise<unknown> {
  for (let n = 0; ; n += 1) {
    try {
      await server.put(`item-${n}`, 'x'.repeat(100_000));
    } catch (refusal) {
      return refusal;
    }
  }
}

type RunningOnDisk = Awaited<ReturnType<ReturnType<typeof openDisk>['start']>>;

function openDisk(command: readonly string[], data: string) {
  const [program = '', ...args] = command;
  const shell = spawn(program, [...args, launcher, data], { stdio: 'pipe' });
  const said = listenTo(shell);
  return {
    async start() {
      shell.stdin.write('\n');
      const pid = Number(await said(/pid (\d+)/));
      const endpoint = await said(/ready on (http:\S+)|ended with/);
      return {
        ...writesTo(endpoint),
        async stop(): Promise<number> {
          process.kill(pid, 'SIGTERM');
          return Number(await said(/ended with (\d+)/));
        },
      };
    },
    /** The end of its input ends the shell. */
    close: () => shell.stdin.end(),
  };
}

/** Waits until something new that it printed matches; what the pattern's group caught. */
function listenTo(shell: ChildProcessWithoutNullStreams): (pattern: RegExp) => Promise<string> {
  let text = '';
  let changed = Promise.withResolvers<void>();
  const tell = (chunk?: unknown): void => {
    if (chunk instanceof Buffer) text += chunk.toString();
    changed.resolve();
    changed = Promise.withResolvers();
  };
  shell.stdout.on('data', tell);
  shell.stderr.on('data', tell);
  shell.once('exit', tell);
  return async (pattern) => {
    for (;;) {
      const found = pattern.exec(text);
      if (found) {
        text = text.slice(found.index + found[0].length);
        return found[1] ?? '';
      }
      if (shell.exitCode !== null) throw new Error(`it ended: ${text}`);
      await changed.promise;
    }
  };
}

/** No client tries anything again: what matters is what the server says. */
function writesTo(endpoint: string) {
  const options = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  const items = new dynamodb.DynamoDBClient(options);
  const objects = new s3.S3Client({ ...options, forcePathStyle: true });
  return {
    async createTable(): Promise<void> {
      await items.send(
        new dynamodb.CreateTableCommand({
          TableName: 'kept',
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        }),
      );
      await objects.send(new s3.CreateBucketCommand({ Bucket: 'kept' }));
    },
    async put(id: string, text: string): Promise<void> {
      await items.send(
        new dynamodb.PutItemCommand({ TableName: 'kept', Item: { id: { S: id }, text: { S: text } } }),
      );
    },
    async names(): Promise<(string | undefined)[]> {
      const { Items = [] } = await items.send(
        new dynamodb.ScanCommand({ TableName: 'kept', ProjectionExpression: 'id' }),
      );
      return Items.map(({ id }) => id?.S).toSorted();
    },
    async upload(Key: string, Body: string): Promise<void> {
      await objects.send(new s3.PutObjectCommand({ Bucket: 'kept', Key, Body }));
    },
    async download(Key: string): Promise<string | undefined> {
      const { Body } = await objects.send(new s3.GetObjectCommand({ Bucket: 'kept', Key }));
      return Body?.transformToString();
    },
  };
}
