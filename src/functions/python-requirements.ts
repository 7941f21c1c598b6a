/**
 * A Python function's `requirements.txt`. Without anything being set, packages are what the machine's Python has
 * installed; with a folder of wheels they are installed from there, once for the same requirements, and never from a
 * network.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../base/fault.ts';
import type { Interpreter } from './runtimes.ts';

export interface RequirementsInput {
  readonly taskRoot: string;
  readonly interpreter: Interpreter;
  /** Undefined: nothing is installed. */
  readonly wheelsFolder: string | undefined;
  readonly dataDir: string;
}

const INSTALL_MS = 120_000;

/** The folder with the packages, for the module path. Throws `Fault` when they are not to be had. */
export async function installRequirements(input: RequirementsInput): Promise<string | undefined> {
  const { taskRoot, interpreter, wheelsFolder, dataDir } = input;
  if (wheelsFolder === undefined) return undefined;
  const file = join(taskRoot, 'requirements.txt');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const wheels = await readdir(wheelsFolder).catch((thrown: unknown) => {
    throw cannotInstall(wheelsFolder, String(thrown));
  });
  const made = [text, interpreter.version, wheelsFolder, ...wheels.toSorted()].join('\n');
  const parent = join(dataDir, 'requirements');
  const target = join(parent, createHash('sha256').update(made).digest('hex').slice(0, 32));
  if (await isThere(target)) return target;
  await mkdir(parent, { recursive: true });
  const making = await mkdtemp(join(parent, '.installing-'));
  try {
    await install(interpreter, { file, wheelsFolder, making });
    await rename(making, target);
  } catch (thrown) {
    await rm(making, { recursive: true, force: true });
    // Another version of the function was quicker.
    if (!(await isThere(target))) throw thrown;
  }
  return target;
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

const cannotInstall = (folder: string, why: string): Fault =>
  new Fault(
    'ServiceException',
    `requirements.txt cannot be installed from GATEHOUSE_WHEELS=${folder}: ${why}`,
    {
      status: 500,
    },
  );

interface Installation {
  readonly file: string;
  readonly wheelsFolder: string;
  readonly making: string;
}

function install(interpreter: Interpreter, { file, wheelsFolder, making }: Installation): Promise<void> {
  const options = ['--no-index', '--find-links', wheelsFolder, '--target', making, '--requirement', file];
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check', '--no-warn-script-location'];
  // Nothing of the server's variables: a setup of somebody else's package might run.
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: making };
  return new Promise((resolve, reject) => {
    execFile(
      interpreter.path,
      ['-m', 'pip', 'install', ...options, ...quiet],
      { env, timeout: INSTALL_MS },
      (error, _, stderr) => {
        if (error === null) resolve();
        else reject(cannotInstall(wheelsFolder, stderr.trim().split('\n').at(-1) ?? error.message));
      },
    );
  });
}
