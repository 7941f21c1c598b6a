/** Which of Lambda's runtimes run here, and on what: this machine's own `node`, `python3`, or the function's `bootstrap`. */
import { execFile } from 'node:child_process';
import { access, constants, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Fault } from '../base/fault.ts';
import { type Description, describeIsolation } from './machine-description.ts';

export interface Runtime {
  readonly family: 'nodejs' | 'python' | 'provided';
  /** The version the function asks for: `22`, `3.12`; empty for `provided`. */
  readonly version: string;
  /** The program; undefined for `provided`. */
  readonly interpreter?: Interpreter;
}

export interface Interpreter {
  readonly path: string;
  /** `v20.11.1`, `3.11.7`. */
  readonly version: string;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html, deprecated ones that still run included. */
const NODE_MAJORS = ['20', '22', '24', '26'];
const PYTHON_MINORS = ['3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15'];
const PROVIDED = ['provided.al2', 'provided.al2023'];
/** Lambda's control plane lets these through only where it was told to: they run on what is there. */
const RETIRED = { nodejs: ['10', '12', '14', '16', '18'], python: ['3.6', '3.7', '3.8'] };
const OLDEST_NODE = 20;
const OLDEST_PYTHON_MINOR = 8;

const found = new Map<string, Promise<Interpreter | undefined>>();

/** Looks once, and again when nothing was there. */
async function once(
  key: string,
  look: () => Promise<Interpreter | undefined>,
): Promise<Interpreter | undefined> {
  const looking = found.get(key) ?? look();
  found.set(key, looking);
  const interpreter = await looking;
  if (interpreter === undefined) found.delete(key);
  return interpreter;
}

/** Throws `Fault` InvalidRuntimeException for a runtime that cannot run here, by its name and with the reason. */
export async function findRuntime(name: string): Promise<Runtime> {
  const [, family, version = ''] = /^(nodejs|python|provided)\.?(.*?)(?:\.x)?$/.exec(name) ?? [];
  if (family === 'provided' && PROVIDED.includes(name)) return { family, version: '' };
  if (family === 'nodejs' && [...NODE_MAJORS, ...RETIRED.nodejs].includes(version)) {
    const interpreter = await findNode();
    if (interpreter) return { family, version, interpreter };
    throw cannotRun(name, `no node of version ${OLDEST_NODE} or later on the PATH`);
  }
  if (family === 'python' && [...PYTHON_MINORS, ...RETIRED.python].includes(version)) {
    const interpreter = await findPython(version);
    if (interpreter) return { family, version, interpreter };
    throw cannotRun(name, 'no python3 on the PATH');
  }
  throw cannotRun(name, 'gatehouse runs nodejs, python and provided runtimes');
}

/** Lambda's own words, https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html, and what is missing here. */
const cannotRun = (name: string, why: string): Fault =>
  new Fault(
    'InvalidRuntimeException',
    `The runtime or runtime version specified is not supported: ${name}: ${why}.`,
    {
      status: 502,
      members: { Type: 'User' },
    },
  );

/** For the `doctor` command: every runtime with what it runs on, and what keeps environments apart. */
export async function describeRuntimes(): Promise<readonly Description[]> {
  const [isolation, node, ...pythons] = await Promise.all([
    describeIsolation(),
    findNode(),
    ...PYTHON_MINORS.map(findPython),
  ]);
  const nodes = NODE_MAJORS.map((major) => describeNode(major, node));
  const others = PYTHON_MINORS.map((minor, at) => describePython(minor, pythons[at]));
  const provided = PROVIDED.map((runtime) => ({
    part: runtime,
    available: true,
    detail: 'runs the executable named bootstrap',
  }));
  return [...nodes, ...others, ...provided, ...isolation];
}

function describeNode(major: string, node: Interpreter | undefined): Description {
  const part = `nodejs${major}.x`;
  if (!node) return { part, available: false, detail: `needs node ${OLDEST_NODE} or later on the PATH` };
  const exact = node.version.startsWith(`v${major}.`);
  return {
    part,
    available: true,
    detail: `${node.path} ${node.version}${exact ? '' : ", not the runtime's own version"}`,
  };
}

function describePython(minor: string, python: Interpreter | undefined): Description {
  const part = `python${minor}`;
  if (!python) return { part, available: false, detail: 'needs python3 on the PATH' };
  const exact = python.version.startsWith(`${minor}.`);
  return {
    part,
    available: true,
    detail: `${python.path} ${python.version}${exact ? '' : ", not the runtime's own version"}`,
  };
}

const findNode = (): Promise<Interpreter | undefined> =>
  once('node', async () => {
    for (const path of await onPath('node')) {
      const node = await probeNode(path);
      if (node) return node;
    }
    return undefined;
  });

/** No launcher of version managers is as large as this. */
const PROGRAM_BYTES = 10_000_000;

async function probeNode(path: string): Promise<Interpreter | undefined> {
  const target = await realpath(path);
  // Bun puts a `node` that is itself on the PATH of its scripts.
  if (basename(target).startsWith('bun')) return undefined;
  const itself = (await stat(target)).size > PROGRAM_BYTES;
  // Asking for the version alone takes a tenth of the time.
  const args = itself ? ['--version'] : ['-p', 'process.execPath + " " + process.version'];
  const [, execPath, version, major] = /^(?:(.*) )?(v(\d+)\.\S+)\s*$/.exec(await run(path, args)) ?? [];
  if (version === undefined || Number(major) < OLDEST_NODE) return undefined;
  return { path: execPath ?? target, version };
}

/** The exact version where it is there, else the machine's own python3. */
const findPython = (minor: string): Promise<Interpreter | undefined> =>
  once(`python${minor}`, async () => {
    const own = await once('python3', () => probePythons('python3', () => true));
    if (own?.version.startsWith(`${minor}.`)) return own;
    const exact = await probePythons(`python${minor}`, (version) => version.startsWith(`${minor}.`));
    return exact ?? own;
  });

async function probePythons(
  name: string,
  fits: (version: string) => boolean,
): Promise<Interpreter | undefined> {
  // Shims ask another program which Python they are: the one behind them starts faster.
  const script = 'import sys; print(sys.executable, "%d.%d.%d" % sys.version_info[:3])';
  for (const path of await onPath(name)) {
    const [, executable, version, minor] =
      /^(.*) (3\.(\d+)\.\d+)\s*$/.exec(await run(path, ['-S', '-c', script])) ?? [];
    if (executable && version && Number(minor) >= OLDEST_PYTHON_MINOR && fits(version))
      return { path: executable, version };
  }
  return undefined;
}

/** Every executable of that name, in the order of the PATH. */
async function onPath(name: string): Promise<string[]> {
  const candidates = (process.env.PATH ?? '')
    .split(':')
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, name));
  const executable = await Promise.all(
    candidates.map((path) =>
      access(path, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return candidates.filter((_, at) => executable[at]);
}

const PROBE_MS = 5000;

/** What a program prints; empty when it fails. */
const run = (path: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    execFile(path, [...args], { timeout: PROBE_MS }, (error, stdout) => resolve(error ? '' : stdout));
  });
