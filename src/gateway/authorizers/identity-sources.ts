/**
 * Identity sources: where an authorizer's caller is recognised by. REST writes `method.request.header.X`, HTTP APIs
 * `$request.header.X`, WebSocket APIs `route.request.header.X`; all know context and stage variables. Header names are
 * compared without case. A header or parameter that came several times is known by all of its values: answers that are
 * kept by one of them would be given to whoever sends that one beside another.
 */
import { contextVariables, readPath } from '../context-variables.ts';
import type { Routed } from '../plan.ts';
import { everyHeader } from '../raw-headers.ts';
import { configurationError } from '../refusal.ts';

/** Every source's value in order; undefined when one is missing or blank. */
export type ReadIdentity = (call: Routed) => readonly string[] | undefined;

export function compileIdentitySources(sources: readonly string[]): ReadIdentity {
  const readers = sources.map(compileOne);
  return (call) => {
    const values: string[] = [];
    for (const read of readers) {
      const value = read(call);
      if (value === undefined || value.trim() === '') return undefined;
      values.push(value);
    }
    return values;
  };
}

function compileOne(source: string): (call: Routed) => string | undefined {
  const text = source.trim().replace(/^\$/, '');
  const expression = text.replace(/^(method|route)\./, '');
  const [root = '', place = '', ...rest] = expression.split('.');
  const name = rest.join('.');
  if (root === 'stageVariables') return (call) => call.stage.variables[place];
  if (root === 'context') return fromContext(expression.split('.').slice(1));
  if (root === 'request' && place === 'header') return fromHeader(name.toLowerCase());
  // REST APIs split their queries at semicolons too.
  if (root === 'request' && place === 'querystring')
    return fromQuery(name, text.startsWith('method.') ? '&;' : '&');
  throw configurationError(`Invalid identity source: ${source}`);
}

function fromHeader(name: string): (call: Routed) => string | undefined {
  return ({ request }) => {
    const value = request.header(name);
    if (value === undefined) return undefined;
    const all = everyHeader(request.rawHeaders, name);
    if (all.length === 1) return value;
    // Two credentials are none: each reader would pick its own.
    return name === 'authorization' ? undefined : all.join(',');
  };
}

const fromQuery =
  (name: string, separators: '&' | '&;') =>
  ({ request }: Routed): string | undefined => {
    const values = request.query(separators).filter((parameter) => parameter.name === name);
    return values.length === 0 ? undefined : values.map(({ value }) => value).join(',');
  };

const fromContext =
  (path: readonly string[]) =>
  (call: Routed): string | undefined => {
    const value = readPath(contextVariables(call, call.stage), path);
    return value === undefined || value === null ? undefined : String(value);
  };

/** Parts joined so that no two different lists make the same key. */
export const keyOfParts = (...parts: readonly string[]): string =>
  parts.map((part) => `${part.length}:${part}`).join('');
