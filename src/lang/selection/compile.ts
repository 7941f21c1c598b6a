/**
 * Selection expressions: `$request.body.action`, `${request.method} ${request.path}`, `\$default`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-selection-expressions.html
 */
import { javaRegex } from '../java/regex.ts';
import { printJava } from '../java/value.ts';
import { printJson } from '../json/print.ts';
import { compilePath, type ReadPath } from '../json-path/compile.ts';

/** What expressions see of a call. */
export interface SelectionValues {
  /** Of names like `request.header.x-api-key`, `context.authorizer.usageIdentifierKey`, `integration.response.statuscode`. */
  variable(name: string): unknown;
  /** The parsed body of the request or of the integration's response; undefined where it is no JSON. */
  body(of: 'request' | 'response'): unknown;
}

/** The key an expression makes, or undefined where a variable in it has no value: then `$default` is chosen. */
export type Selection = (values: SelectionValues) => string | undefined;

/** An expression that is none, or reaches for what it may not. */
export class SelectionError extends Error {
  constructor(expression: string) {
    super(`Invalid selection expression specified: ${expression}`);
    this.name = 'SelectionError';
  }
}

type Part = (values: SelectionValues) => string | undefined;

const TOKEN = /\\([\s\S])|\$\{([^}]*)\}|\$([a-zA-Z](?:[\w.-]|\[[^\]]*\])*)/g;

/** Compiles an expression once. Throws SelectionError. */
export function compileSelection(expression: string): Selection {
  const parts: Part[] = [];
  let literal = '';
  let from = 0;
  const flush = (): void => {
    const text = literal;
    if (text !== '') parts.push(() => text);
    literal = '';
  };
  for (const match of expression.matchAll(TOKEN)) {
    const [token, escaped, braced, bare] = match;
    literal += expression.slice(from, match.index);
    from = match.index + token.length;
    const name = braced ?? bare;
    if (name === undefined) literal += escaped === '$' ? '$' : token;
    else if (name === 'default') literal += '$default';
    else {
      flush();
      parts.push(compileVariable(name, expression));
    }
  }
  literal += expression.slice(from);
  if (literal.includes('${')) throw new SelectionError(expression);
  flush();
  return (values) => join(parts, values);
}

function join(parts: readonly Part[], values: SelectionValues): string | undefined {
  let key = '';
  for (const part of parts) {
    const text = part(values);
    if (text === undefined) return undefined;
    key += text;
  }
  return key;
}

const ROOTS = new Set(['request', 'context', 'integration', 'response', 'stageVariables']);

function compileVariable(name: string, expression: string): Part {
  const trimmed = name.replace(/\.+$/, '');
  if (!ROOTS.has(trimmed.split('.')[0] ?? '')) throw new SelectionError(expression);
  const body = /^(?:request|(?:integration\.)?(response))\.body(?=[.[]|$)(.*)$/.exec(trimmed);
  if (body === null) return ({ variable }) => textOf(variable(trimmed));
  const of = body[1] === undefined ? 'request' : 'response';
  const read = pathOf(body[2] ?? '', expression);
  return (values) => textOf(read(values.body(of)));
}

function pathOf(path: string, expression: string): ReadPath {
  try {
    return compilePath(`$${path}`);
  } catch {
    throw new SelectionError(expression);
  }
}

function textOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'object' ? printJson(value) : printJava(value);
}

/** Whether a key chosen among others fits: one between slashes is a pattern for the whole text, `/2\d\d/`. */
export function compileSelectionKey(key: string): (value: string) => boolean {
  const pattern = /^\/(.*)\/$/s.exec(key)?.[1];
  if (pattern === undefined) return (value) => value === key;
  const regex = javaRegex(`^(?:${pattern})$`, '');
  return (value) => regex.test(value);
}
