/**
 * TypeScript handlers: bundled with their local imports and packages into one ES module, as SAM and CDK do with
 * esbuild before they upload. The SDK stays outside, as there: the runtime has it. This file alone uses Bun's own
 * bundler; where it is not there, TypeScript is refused by name.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

/** `entry`: the file to load, `sources` what it was made of. `failure`: an error object for the function's caller. */
export type TypescriptBuild =
  | { readonly entry: string; readonly sources: readonly string[] }
  | { readonly failure: { readonly name: string; readonly message: string; readonly stack: string } };

const LOADED_BY_NODE = ['', '.js', '.mjs', '.cjs'];
const TYPESCRIPT = ['.ts', '.mts', '.cts'];

/** The TypeScript file a handler names, or undefined when Node.js finds a file of its own. */
export function typescriptEntry(taskRoot: string, handler: string): string | undefined {
  const last = basename(handler);
  const name = last.split('.')[0] ?? '';
  const base = resolve(taskRoot, handler.slice(0, handler.length - last.length), name);
  if (name === '' || handler.includes('..')) return undefined;
  if (LOADED_BY_NODE.some((extension) => extension !== '' && existsSync(base + extension))) return undefined;
  const extension = TYPESCRIPT.find((candidate) => existsSync(base + candidate));
  return extension === undefined ? undefined : base + extension;
}

/** Bundles `entry` into `outDir`, a folder nobody else uses. */
export async function buildTypescript(entry: string, outDir: string): Promise<TypescriptBuild> {
  if (typeof Bun === 'undefined')
    return failed('Runtime.ImportModuleError', 'TypeScript handlers need gatehouse to run on Bun');
  await mkdir(outDir, { recursive: true });
  try {
    const built = await Bun.build({
      entrypoints: [entry],
      root: dirname(entry),
      outdir: outDir,
      naming: 'index.mjs',
      target: 'node',
      format: 'esm',
      sourcemap: 'inline',
      metafile: true,
      external: ['@aws-sdk/*', '@smithy/*', 'aws-sdk'],
    });
    if (built.success) {
      // Named relative to the working folder.
      const sources = Object.keys(built.metafile?.inputs ?? {}).map((path) => resolve(path));
      return { entry: join(outDir, 'index.mjs'), sources };
    }
    return failed('Runtime.UserCodeSyntaxError', built.logs.map(describe).join('\n'));
  } catch (thrown) {
    const problems = thrown instanceof AggregateError ? thrown.errors : [thrown];
    const text = problems.map(describe).join('\n');
    return failed(
      /Could not resolve/.test(text) ? 'Runtime.ImportModuleError' : 'Runtime.UserCodeSyntaxError',
      text,
    );
  }
}

const failed = (name: string, message: string): TypescriptBuild => ({
  failure: { name, message, stack: `${name}: ${message}` },
});

/** `SyntaxError: Unexpected = (/folder/handler.ts:1:10)`. */
function describe(problem: unknown): string {
  const { message, position } = problem as { message?: unknown; position?: unknown }; // Bun's messages have no common type
  const text = typeof message === 'string' ? message : String(problem);
  const kind = text.startsWith('Could not resolve') ? 'Error' : 'SyntaxError';
  if (typeof position !== 'object' || position === null) return `${kind}: ${text}`;
  const { file, line, column } = position as Record<string, unknown>; // its members are only printed
  return `${kind}: ${text} (${String(file)}:${String(line)}:${String(column)})`;
}
