/**
 * `Metadata: BuildMethod: esbuild` of SAM. The bundler puts what it makes of an entry point into the code's root, and
 * Handler names that file. Here nothing is built before it is deployed: TypeScript is bundled when the function starts,
 * from where it lies, so that Handler has to name the entry itself.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-using-build-typescript.html
 */
import { basename, extname } from 'node:path';
import { isObject, type Json } from '../template.ts';

const SOURCES = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.tsx', '.jsx']);

/** The handler with the entry point's folder in it; undefined when there is nothing to change. */
export function handlerOfEntry(metadata: Json | undefined, handler: Json | undefined): string | undefined {
  if (!isObject(metadata) || metadata.BuildMethod !== 'esbuild' || typeof handler !== 'string')
    return undefined;
  const build = isObject(metadata.BuildProperties) ? metadata.BuildProperties : {};
  const entries = Array.isArray(build.EntryPoints) ? build.EntryPoints : [];
  const dot = handler.indexOf('.', handler.lastIndexOf('/') + 1);
  if (dot < 0) return undefined;
  const built = basename(handler.slice(0, dot));
  for (const entry of entries) {
    if (typeof entry !== 'string' || !SOURCES.has(extname(entry))) continue;
    const source = entry.slice(0, -extname(entry).length).replace(/^\.\//, '');
    if (basename(source) !== built) continue;
    const named = source + handler.slice(dot);
    return named === handler ? undefined : named;
  }
  return undefined;
}
