/** A server process that is killed and started again on the same data folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const launcher = join(import.meta.dir, '..', '..', 'bin', 'gatehouse');

export interface ServerProcess {
  readonly url: string;
  /** SIGKILL: nothing is drained, nothing is flushed by the process. */
  kill(): Promise<void>;
  /** SIGTERM. */
  stop(): Promise<number | null>;
}

export function startProcess(data: string, port = 0): Promise<ServerProcess> {
  const child = spawn(launcher, ['start', '--port', String(port), '--data', data], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      const url = /ready on (http:\S+)/.exec(output)?.[1];
      if (url)
        resolve({ url, kill: () => end(child, 'SIGKILL').then(() => {}), stop: () => end(child, 'SIGTERM') });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  });
}

function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', (code) => resolve(code));
    child.kill(signal);
  });
}
