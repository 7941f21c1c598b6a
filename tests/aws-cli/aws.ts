/** The AWS CLI, pointed at a server under test. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** Words of the command line, those that belong together in a list of their own. */
type Words = readonly (string | readonly string[])[];

export interface AwsCli {
  /** What it printed, parsed when it is JSON; throws with what it said when it fails. */
  run(...args: Words): Promise<unknown>;
  text(...args: Words): Promise<string>;
  /** What it said when it failed. */
  fails(...args: Words): Promise<string>;
  close(): void;
}

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

type Execute = (words: readonly string[]) => Promise<Finished>;

export async function openAwsCli(url: string, folder: string): Promise<AwsCli> {
  const session = await openSession(url, folder);
  const execute: Execute = session?.execute ?? ((words) => executeAlone(url, folder, words));
  const finish = (args: Words) => execute(['--endpoint-url', url, ...args.flat()]);
  const text = async (...args: Words): Promise<string> => {
    const { code, out, error } = await finish(args);
    if (code !== 0) throw new Error(`aws ${args.flat().join(' ')}: exit ${code}\n${out}${error}`);
    return out;
  };
  return {
    text,
    async run(...args) {
      const out = await text(...args, '--output', 'json');
      return out.trim() === '' ? undefined : JSON.parse(out);
    },
    async fails(...args) {
      const { code, out, error } = await finish(args);
      if (code === 0) throw new Error(`aws ${args.flat().join(' ')} was to fail, and printed ${out}`);
      return error.trim();
    },
    close: () => session?.child.kill(),
  };
}

/** Where Python has the CLI as a module, one process runs command after command: most of its time is its start. */
async function openSession(
  url: string,
  folder: string,
): Promise<{ child: ChildProcessWithoutNullStreams; execute: Execute } | undefined> {
  const probe = spawn('python3', ['-c', 'import awscli.clidriver'], { stdio: 'ignore' });
  const [code] = await once(probe, 'exit');
  if (code !== 0) return undefined;
  const child = spawn('python3', ['-W', 'ignore', join(import.meta.dir, 'session.py')], {
    ...settings(url, folder),
    stdio: 'pipe',
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let before: Promise<unknown> = Promise.resolve();
  const execute: Execute = (words) => {
    const finished = before.then(async () => {
      child.stdin.write(`${JSON.stringify(words)}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`the AWS CLI ended at ${words.join(' ')}`);
      return JSON.parse(value) as Finished; // session.py prints these members
    });
    before = finished.catch(() => {});
    return finished;
  };
  return { child, execute };
}

async function executeAlone(url: string, folder: string, words: readonly string[]): Promise<Finished> {
  const child = spawn('aws', words, { ...settings(url, folder), stdio: 'pipe' });
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code, out, error };
}

const settings = (url: string, folder: string) => ({
  cwd: folder,
  env: {
    ...process.env,
    // `cloudformation package` uploads with a client that does not get the option.
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DEFAULT_REGION: 'us-east-1',
    // A person's own settings are not part of the test.
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_PAGER: '',
  },
});
