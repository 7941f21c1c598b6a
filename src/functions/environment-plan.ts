/** From a function's configuration to what an environment needs to start: folders, program, variables. */
import { existsSync } from 'node:fs';
import { chown, cp, mkdtemp } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { limits } from '../base/limits.ts';
import type { CodeFolders } from './code-folders.ts';
import type { FunctionConfig } from './config.ts';
import { type Confinement, planConfinement } from './confinement.ts';
import type { EnvironmentPlan } from './execution-environment.ts';
import type { InitFrame } from './frames.ts';
import { type IsolationOptions, mayCoverTmp } from './isolation.ts';
import { mergeLayers } from './opt-folder.ts';
import { processVariables, pythonModulePath } from './process-variables.ts';
import type { RuntimePlan } from './runtime-process.ts';
import { installRequirements } from './python-requirements.ts';
import { findRuntime, type Runtime } from './runtimes.ts';
import { buildTypescript, type TypescriptBuild, typescriptEntry } from './typescript.ts';

export interface PlanPorts {
  readonly dataDir: string;
  /** Goes with the server. Below `dataDir`, where the SDK is found. */
  readonly scratchDir: string;
  readonly endpointUrl: string;
  readonly http2Url: string | undefined;
  readonly code: CodeFolders;
  readonly isolation: IsolationOptions;
  readonly usesCgroups: boolean;
  /** Python packages to install requirements from. */
  readonly wheelsFolder: string | undefined;
}

const BOOTSTRAP_DIR = join(dirname(fileURLToPath(import.meta.url)), 'bootstrap');

/** Where a `/tmp` of the function's own would cover the bootstraps, they are copied to where it does not. */
async function bootstrapFolder({ isolation, scratchDir }: PlanPorts): Promise<string> {
  if (isolation.mode !== 'strict' || mayCoverTmp([BOOTSTRAP_DIR])) return BOOTSTRAP_DIR;
  const copy = join(scratchDir, 'bootstrap');
  await cp(BOOTSTRAP_DIR, copy, { recursive: true });
  return copy;
}

/** Throws `Fault` when the runtime or the code is not to be had. */
export async function planEnvironment(config: FunctionConfig, ports: PlanPorts): Promise<EnvironmentPlan> {
  const [runtime, bootstrapDir, taskRoot, sdkFolder, ...layers] = await Promise.all([
    findRuntime(config.runtime),
    bootstrapFolder(ports),
    ports.code.folderOf(config.code),
    ports.code.sdkFolder(),
    ...config.layers.map((layer) => ports.code.folderOf(layer)),
  ]);
  const optFolder = await mergeLayers(config.layers, layers, optParent(config, ports));
  const confinement = await planConfinement({
    options: ports.isolation,
    optFolder,
    needed: [taskRoot, ports.dataDir, bootstrapDir, runtime.interpreter?.path ?? '/'],
  });
  const { optPath } = confinement;
  const required = await requirementsOf(runtime, taskRoot, ports);
  const variables = processVariables({
    config,
    runtime,
    taskRoot,
    optPath,
    sdkFolder,
    bootstrapDir,
    endpointUrl: ports.endpointUrl,
    http2Url: ports.http2Url,
  });
  const built =
    runtime.family === 'nodejs' ? await typescript(config, taskRoot, ports.scratchDir) : undefined;
  const init = {
    handler: config.handler,
    taskRoot,
    home: ports.endpointUrl,
    runtimeVersion: runtime.version,
    modulePath: runtime.family === 'python' ? [...required, ...pythonModulePath({ runtime, optPath })] : [],
    cacheDir: join(ports.dataDir, 'cache'),
    logFormat: config.logFormat,
    logLevel:
      config.logFormat === 'JSON' ? (config.applicationLogLevel ?? 'INFO') : config.applicationLogLevel,
    maxResponseBytes: limits.lambdaResponseBytes,
    ...(built && 'entry' in built ? { entry: built.entry } : {}),
    ...(built && 'failure' in built ? { failure: built.failure } : {}),
  };
  const plan = wrapped(runtimePlan(runtime, config, init, { optFolder, bootstrapDir }), config, confinement);
  const sources = built && 'sources' in built ? built.sources : [];
  const outside = sources.filter(
    (path) => !path.startsWith(taskRoot + sep) && !path.includes('/node_modules/'),
  );
  return {
    config,
    variables,
    runtime: plan,
    confinement,
    owner: ownerOf(ports.isolation.user),
    usesCgroups: ports.usesCgroups,
    sources: outside,
    nodePathHook: false,
  };
}

/** SAM would have put them beside the code: they come before the layers' modules. */
async function requirementsOf(runtime: Runtime, taskRoot: string, ports: PlanPorts): Promise<string[]> {
  if (runtime.family !== 'python' || runtime.interpreter === undefined) return [];
  const { wheelsFolder, dataDir } = ports;
  const folder = await installRequirements({
    taskRoot,
    interpreter: runtime.interpreter,
    wheelsFolder,
    dataDir,
  });
  return folder === undefined ? [] : [folder];
}

/** Folders of this machine change: what was merged of them goes with the server. */
const optParent = ({ layers }: FunctionConfig, { dataDir, scratchDir }: PlanPorts): string =>
  layers.some(({ kind }) => kind === 'folder') ? scratchDir : join(dataDir, 'opt');

function ownerOf(user: string | undefined): ((folder: string) => Promise<void>) | undefined {
  if (user === undefined) return undefined;
  const [uid = '', gid = uid] = user.split(':');
  return (folder) => chown(folder, Number(uid), Number(gid));
}

async function typescript(
  config: FunctionConfig,
  taskRoot: string,
  scratchDir: string,
): Promise<TypescriptBuild | undefined> {
  const entry = typescriptEntry(taskRoot, config.handler);
  if (entry === undefined) return undefined;
  // A folder each, so that a build never changes what runs already.
  return buildTypescript(entry, await mkdtemp(join(scratchDir, 'typescript-')));
}

function runtimePlan(
  runtime: Runtime,
  config: FunctionConfig,
  init: InitFrame,
  { optFolder, bootstrapDir }: { readonly optFolder: string | undefined; readonly bootstrapDir: string },
): RuntimePlan {
  const cwd = init.taskRoot;
  const interpreter = runtime.interpreter?.path ?? '';
  switch (runtime.family) {
    case 'nodejs': {
      const heapMb = Math.floor(config.memorySizeMb * 0.9);
      const flags = [`--max-old-space-size=${heapMb}`, ...(init.entry ? ['--enable-source-maps'] : [])];
      const args = [...flags, join(bootstrapDir, 'nodejs.cjs')];
      return { command: interpreter, args, cwd, speaks: 'frames', init };
    }
    case 'python':
      return { command: interpreter, args: [join(bootstrapDir, 'python.py')], cwd, speaks: 'frames', init };
    case 'provided':
      return { command: bootstrapOf(cwd, optFolder), args: [], cwd, speaks: 'api', init };
  }
}

/** In the code, else in the layers. */
function bootstrapOf(taskRoot: string, optFolder: string | undefined): string {
  const own = join(taskRoot, 'bootstrap');
  const shared = optFolder === undefined ? own : join(optFolder, 'bootstrap');
  return existsSync(own) || !existsSync(shared) ? own : shared;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper: the script starts the runtime. */
function wrapped(
  plan: RuntimePlan,
  config: FunctionConfig,
  { optPath }: Pick<Confinement, 'optPath'>,
): RuntimePlan {
  const wrapper = config.environment.AWS_LAMBDA_EXEC_WRAPPER;
  // Provided runtimes run their wrapper themselves, or not at all; same page.
  if (wrapper === undefined || plan.speaks === 'api') return plan;
  return { ...plan, command: onThisMachine(wrapper, plan.cwd, optPath), args: [plan.command, ...plan.args] };
}

/** `/var/task` is a folder elsewhere here, and `/opt` where nothing could be put there. */
function onThisMachine(path: string, taskRoot: string, optPath: string | undefined): string {
  if (path.startsWith('/var/task/')) return join(taskRoot, path.slice('/var/task/'.length));
  if (path.startsWith('/opt/') && optPath !== undefined) return join(optPath, path.slice('/opt/'.length));
  return path;
}
