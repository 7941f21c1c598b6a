/** One server under test: started as a process of its own, ended by its id. */
import { type ChildProcess, spawn } from 'node:child_process';

export interface Subject {
  readonly pid: number;
  /** What the pattern's first group caught in its output. */
  readonly caught: string;
  stop(): Promise<void>;
}

export interface SubjectOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Its output says so when it is ready. */
  readonly ready: RegExp;
}

const START_MS = 60_000;

export function startSubject({ command, args, cwd, ready }: SubjectOptions): Promise<Subject> {
  const child = spawn(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      SLS_TELEMETRY_DISABLED: '1',
      SLS_NOTIFICATIONS_MODE: 'off',
      GATEHOUSE_ACCOUNT_THROTTLE: 'off',
    },
  });
  return new Promise((resolve, reject) => {
    let output = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${command} was not ready in time:\n${output}`));
    }, START_MS);
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const match = ready.exec(output);
      if (!match) return;
      clearTimeout(timer);
      resolve({ pid: child.pid ?? 0, caught: match[1] ?? '', stop: () => stop(child) });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${output}`)));
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
