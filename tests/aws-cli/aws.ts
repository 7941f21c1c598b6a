/** The AWS CLI as a process, pointed at a server under test. */
import { spawn } from 'node:child_process';

/** Words of the command line, those that belong together in a list of their own. */
type Words = readonly (string | readonly string[])[];

export interface AwsCli {
  /** What it printed, parsed when it is JSON; throws with what it said when it fails. */
  run(...args: Words): Promise<unknown>;
  text(...args: Words): Promise<string>;
  /** What it said when it failed. */
  fails(...args: Words): Promise<string>;
}

export function createAwsCli(url: () => string, folder: string): AwsCli {
  const finish = (args: Words) => execute(url(), folder, args.flat());
  const text = async (...args: Words): Promise<string> => {
    const { code, out, error } = await finish(args);
    if (code !== 0) throw new Error(`aws ${args.join(' ')}: exit ${code}\n${out}${error}`);
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
      if (code === 0) throw new Error(`aws ${args.join(' ')} was to fail, and printed ${out}`);
      return error.trim();
    },
  };
}

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

function execute(url: string, folder: string, args: readonly string[]): Promise<Finished> {
  const child = spawn('aws', ['--endpoint-url', url, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
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
  let [out, error] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    error += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, error }));
  });
}
