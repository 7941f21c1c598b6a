/** Is the code what its configuration says? Found out before anything is sent: file, syntax, exported name. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface HandlerCheck {
  /** Where the code lies. */
  readonly folder: string;
  readonly handler: string;
  readonly runtime: string;
}

/** What is wrong, in a sentence with the place; undefined when nothing is. */
export async function checkHandler(check: HandlerCheck): Promise<string | undefined> {
  if (check.runtime.startsWith('nodejs')) return checkNode(check);
  if (check.runtime.startsWith('python')) return checkPython(check);
  if (check.runtime.startsWith('provided')) return checkBootstrap(check);
  return undefined;
}

const NODE_EXTENSIONS = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'];

/** `src/app.handler`: the module's path goes to the first dot of its last part. */
function splitHandler(handler: string): { module: string; name: string } | undefined {
  const slash = handler.lastIndexOf('/') + 1;
  const dot = handler.indexOf('.', slash);
  return dot < 0 ? undefined : { module: handler.slice(0, dot), name: handler.slice(dot + 1) };
}

async function checkNode({ folder, handler }: HandlerCheck): Promise<string | undefined> {
  const parts = splitHandler(handler);
  if (parts === undefined) return `handler ${handler}: it must be "file.function"`;
  const path = await firstFile(
    NODE_EXTENSIONS.map((extension) => join(folder, `${parts.module}.${extension}`)),
  );
  if (path === undefined)
    return `handler ${handler}: no file ${parts.module}.js (nor ${NODE_EXTENSIONS.slice(1)
      .map((one) => `.${one}`)
      .join(', ')}) in ${folder}`;
  const wrong = await nodeSyntax(path);
  return wrong === undefined
    ? missingName(path, handler, parts.name.split('.')[0] ?? '')
    : `${path}: ${wrong}`;
}

/** TypeScript is read by the runtime that runs us, JavaScript by Node, as Lambda runs it. */
async function nodeSyntax(path: string): Promise<string | undefined> {
  const typed = /\.[mc]?ts$/.test(path);
  if (typed && !('bun' in process.versions)) return undefined;
  const command = typed ? process.execPath : 'node';
  const args = typed ? ['build', '--no-bundle', path] : ['--check', path];
  const { code, stderr } = await run(command, args);
  return code === 0 || code === undefined ? undefined : syntaxError(stderr);
}

/** The lines that tell: where, what. */
function syntaxError(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trimEnd());
  const what = lines.find((line) => /^(\w*Error|error)\b/.test(line.trim()))?.trim() ?? 'it does not parse';
  const where = /:(\d+)(?::\d+)?$/.exec(lines.find((line) => /:\d+(:\d+)?$/.test(line)) ?? '')?.[1];
  return where === undefined ? what : `line ${where}: ${what}`;
}

async function checkPython({ folder, handler }: HandlerCheck): Promise<string | undefined> {
  const dot = handler.lastIndexOf('.');
  if (dot < 1) return `handler ${handler}: it must be "module.function"`;
  const module = handler.slice(0, dot).replaceAll('.', '/');
  const path = await firstFile([join(folder, `${module}.py`), join(folder, module, '__init__.py')]);
  if (path === undefined) return `handler ${handler}: no file ${module}.py in ${folder}`;
  // Compiled in memory: nothing is written beside the user's code.
  const program = 'import sys; p = sys.argv[1]; compile(open(p, encoding="utf-8").read(), p, "exec")';
  const { code, stderr } = await run('python3', ['-c', program, path]);
  if (code !== 0 && code !== undefined) return `${path}: ${pythonError(stderr)}`;
  return missingName(path, handler, handler.slice(dot + 1));
}

function pythonError(stderr: string): string {
  const lines = stderr.trimEnd().split('\n');
  const where = /line (\d+)/.exec(lines.findLast((line) => line.includes(', line ')) ?? '')?.[1];
  const what = lines.at(-1) ?? 'it does not parse';
  return where === undefined ? what : `line ${where}: ${what}`;
}

async function checkBootstrap({ folder }: HandlerCheck): Promise<string | undefined> {
  const found = await stat(join(folder, 'bootstrap')).catch(() => undefined);
  if (found === undefined) return `no executable called bootstrap in ${folder}`;
  return (found.mode & 0o111) === 0 ? `${join(folder, 'bootstrap')} is not executable` : undefined;
}

/** Only a name that the source never speaks of is certain not to be there. */
async function missingName(path: string, handler: string, name: string): Promise<string | undefined> {
  const source = await readFile(path, 'utf8');
  const spoken = new RegExp(
    `(?<![\\w$])${name.replace(/[^\w$]/g, '\\$&').replaceAll('$', '\\$')}(?![\\w$])`,
  ).test(source);
  const open = /\b(require|import|__getattr__)\b.*\*|module\.exports\s*=\s*(require|\w+\()/.test(source);
  return spoken || open ? undefined : `handler ${handler}: ${path} exports no ${name}`;
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if ((await stat(path).catch(() => undefined))?.isFile()) return path;
  return undefined;
}

interface Ran {
  /** Undefined when the program is not there: what cannot be checked here is found out by running it. */
  readonly code: number | undefined;
  readonly stderr: string;
}

const CHECK_TIMEOUT_MS = 10_000;

function run(command: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(command, [...args], { timeout: CHECK_TIMEOUT_MS }, (error, _, stderr) => {
      if (error === null) resolve({ code: 0, stderr });
      else resolve({ code: typeof error.code === 'number' ? error.code : undefined, stderr });
    });
  });
}
