/** The command line as a process, and servers that it starts. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const root = join(import.meta.dir, '..', '..');

export interface Finished {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs `gatehouse ...` to its end. */
export async function gatehouse(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Finished> {
  const child = spawn(join(root, 'bin', 'gatehouse'), args, {
    env: { ...process.env, AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
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

export interface StartedServer {
  readonly url: string;
  /** Everything it has printed, once it has printed what was waited for. */
  printed(pattern: RegExp): Promise<string>;
  /** Its exit code after SIGTERM. */
  stop(): Promise<number>;
}

/** `npm start -- ...`, without npm. Resolves when it is ready. */
export async function npmStart(...args: string[]): Promise<StartedServer> {
  const child = spawn('node', [join(root, 'scripts', 'start.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  let changed = Promise.withResolvers<void>();
  const read = (chunk?: unknown): void => {
    if (chunk instanceof Buffer) text += chunk.toString();
    changed.resolve();
    changed = Promise.withResolvers();
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  child.once('exit', read);
  const printed = async (pattern: RegExp): Promise<string> => {
    while (!pattern.test(text)) {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${text}`);
      await changed.promise;
    }
    return text;
  };
  const url = /ready on (\S+)/.exec(await printed(/ready on \S+ in \d+ ms\n/))?.[1] ?? '';
  return { url, printed, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<number> {
  if (child.exitCode !== null) return child.exitCode;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await ended;
  return code;
}
