/** The programs in `/opt/extensions`: started with the environment, frozen with it, ended after it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createOutputLines } from '../output-lines.ts';
import type { ProcessGuard } from '../process-guard.ts';
import { signalGroup } from '../signal-group.ts';
import { confineIn, type Confinement } from '../confinement.ts';

export interface ExtensionProcess {
  readonly name: string;
  readonly ended: boolean;
  signal(signal: NodeJS.Signals): void;
}

export interface ExtensionProcessPorts {
  readonly guard: ProcessGuard;
  readonly confinement: Confinement;
  readonly variables: Readonly<Record<string, string>>;
  readonly onLine: (text: string) => void;
  /** It has gone without having been told to. */
  readonly onExit: (name: string, reason: string) => void;
  readonly maxLineBytes: number;
}

/** The executable files right in the folder; other files and folders are none. */
export function externalExtensions(optFolder: string | undefined): string[] {
  if (optFolder === undefined) return [];
  const folder = join(optFolder, 'extensions');
  try {
    return readdirSync(folder).filter((name) => statSync(join(folder, name)).isFile());
  } catch {
    return [];
  }
}

export function startExtension(
  optFolder: string,
  name: string,
  ports: ExtensionProcessPorts,
): ExtensionProcess {
  const file = join(optFolder, 'extensions', name);
  let ended = false;
  const gone = (reason: string): void => {
    if (ended) return;
    ended = true;
    ports.onExit(name, reason);
  };
  let child: ChildProcess | undefined;
  try {
    accessSync(file, constants.X_OK);
    const { command, args, variables } = confineIn(ports.confinement, {
      command: join(ports.confinement.optPath ?? optFolder, 'extensions', name),
      args: [],
      variables: ports.variables,
    });
    child = spawn(command, [...args], {
      cwd: '/',
      env: { ...variables },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (thrown) {
    queueMicrotask(() => gone(String(thrown)));
  }
  if (child) follow(child, ports, gone);
  return {
    name,
    get ended() {
      return ended;
    },
    signal: (signal) => {
      if (!ended) signalGroup(child?.pid, signal);
    },
  };
}

function follow(
  child: ChildProcess,
  { guard, onLine, maxLineBytes }: ExtensionProcessPorts,
  gone: (reason: string) => void,
): void {
  const { pid } = child;
  if (pid !== undefined) guard.watch(pid);
  const lines = createOutputLines(maxLineBytes, onLine);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('error', () => {});
    stream?.on('data', (bytes: Buffer) => lines.push(bytes));
  }
  child.on('error', (error) => gone(error.message));
  child.on('exit', (status, signal) => {
    signalGroup(pid, 'SIGKILL');
    if (pid !== undefined) guard.release(pid);
    lines.end();
    gone(signal === null ? `exit status ${status}` : `signal: ${signal}`);
  });
}
