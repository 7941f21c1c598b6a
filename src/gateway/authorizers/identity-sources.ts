/**
 * Identity sources: where an authorizer's caller is recognised by. REST writes `method.request.header.X`, HTTP APIs
 * `$request.header.X`, WebSocket APIs `route.request.header.X`; all know context and stage variables. Header names are compared without case.
 */
import { contextVariables, readPath } from '../context-variables.ts';
import type { Routed } from '../plan.ts';
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
  const expression = source
    .trim()
    .replace(/^\$/, '')
    .replace(/^(method|route)\./, '');
  const [root = '', place = '', ...rest] = expression.split('.');
  const name = rest.join('.');
  if (root === 'stageVariables') return (call) => call.stage.variables[place];
  if (root === 'context') return fromContext(expression.split('.').slice(1));
  if (root === 'request' && place === 'header') return (call) => call.request.header(name.toLowerCase());
  if (root === 'request' && place === 'querystring')
    return (call) => call.request.query('&').find((parameter) => parameter.name === name)?.value;
  throw configurationError(`Invalid identity source: ${source}`);
}

const fromContext =
  (path: readonly string[]) =>
  (call: Routed): string | undefined => {
    const value = readPath(contextVariables(call, call.stage), path);
    return value === undefined || value === null ? undefined : String(value);
  };

/** Parts joined so that no two different lists make the same key. */
export const keyOfParts = (...parts: readonly string[]): string =>
  parts.map((part) => `${part.length}:${part}`).join('');
