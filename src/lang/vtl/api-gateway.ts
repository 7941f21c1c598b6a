/**
 * `$input` and `$util` of API Gateway's mapping templates:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
import { parseJson, parseLenientJson } from '../json/parse.ts';
import { printJson } from '../json/print.ts';
import { compilePath, type ReadPath } from '../json-path/compile.ts';
import { JavaException, JavaObject, mapGet, printJava } from '../java/value.ts';
import { escapeJavaScript, urlDecode, urlEncode } from './escape.ts';

export interface ApiGatewayInput {
  /** The payload as text; empty where there is none. */
  readonly bodyText: string;
  /** Decoded values by name; of several values the last. */
  readonly params: {
    readonly path: Readonly<Record<string, string>>;
    readonly querystring: Readonly<Record<string, string>>;
    readonly header: Readonly<Record<string, string>>;
  };
}

/** `$input`. The payload is parsed at most once, when first asked for; what a template sets in it is seen again. */
export const apiGatewayInput = (input: ApiGatewayInput): JavaObject => new Input(input);

/** Paths written in templates are few; those that a template makes up are cleared now and then. */
const PATHS_KEPT = 500;
const paths = new Map<string, ReadPath>();

function pathOf(text: string): ReadPath {
  const known = paths.get(text);
  if (known !== undefined) return known;
  const made = compileOrThrow(text);
  if (paths.size >= PATHS_KEPT) paths.clear();
  paths.set(text, made);
  return made;
}

function compileOrThrow(text: string): ReadPath {
  try {
    return compilePath(text);
  } catch (error) {
    throw new JavaException('InvalidPathException', error instanceof Error ? error.message : text);
  }
}

class Input extends JavaObject {
  private readonly input: ApiGatewayInput;
  private parsed: unknown;
  private isParsed = false;

  constructor(input: ApiGatewayInput) {
    super();
    this.input = input;
  }

  /** An empty payload is seen as `{}`. */
  private get body(): string {
    return this.input.bodyText === '' ? '{}' : this.input.bodyText;
  }

  private document(): unknown {
    if (!this.isParsed) {
      this.parsed = readBody(this.body);
      this.isParsed = true;
    }
    return this.parsed;
  }

  override property(name: string): unknown {
    return name === 'body' ? this.body : undefined;
  }

  method(name: string): ((...args: unknown[]) => unknown) | undefined {
    switch (name) {
      case 'path':
        return (path) => (typeof path === 'string' ? pathOf(path)(this.document()) : undefined);
      case 'json':
        return (path) => (typeof path === 'string' ? this.json(path) : undefined);
      case 'params':
        return (parameter) => (parameter === undefined ? this.input.params : this.parameter(parameter));
      case 'getBody':
        return () => this.body;
      default:
        return undefined;
    }
  }

  /** JSON text of what a path gives; `""` where there is nothing. */
  private json(path: string): string {
    const value = pathOf(path)(this.document());
    return value === undefined ? '""' : printJson(value);
  }

  /** Searched in the path, the query string and the headers, in this order; empty where there is none. */
  private parameter(name: unknown): unknown {
    // One after another: each is put together when first asked for, and most templates ask for the path alone.
    const { params } = this.input;
    return mapGet(params.path, name) ?? mapGet(params.querystring, name) ?? mapGet(params.header, name) ?? '';
  }

  toString(): string {
    return '$input';
  }
}

/** A payload that is not JSON, a submitted form for one, is its own text, as templates that split it at `&` rely on. */
function readBody(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    if (!/^\s*[{[]/.test(text)) return text;
  }
  try {
    return parseLenientJson(text);
  } catch {
    return text;
  }
}

class Util extends JavaObject {
  method(name: string): ((...args: unknown[]) => unknown) | undefined {
    const method = UTIL_METHODS.get(name);
    return method && ((...args) => (args.length === 1 ? method(args[0]) : undefined));
  }
  toString(): string {
    return '$util';
  }
}

const ofText =
  (method: (text: string) => unknown) =>
  (value: unknown): unknown =>
    value === null || value === undefined ? undefined : method(printJava(value));

function parseJsonText(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new JavaException('InvalidJsonException', error instanceof Error ? error.message : 'not JSON');
  }
}

const UTIL_METHODS: ReadonlyMap<string, (value: unknown) => unknown> = new Map([
  ['escapeJavaScript', ofText(escapeJavaScript)],
  ['parseJson', ofText(parseJsonText)],
  ['urlEncode', ofText(urlEncode)],
  ['urlDecode', ofText(urlDecode)],
  ['base64Encode', ofText((text) => Buffer.from(text).toString('base64'))],
  ['base64Decode', ofText((text) => Buffer.from(text, 'base64').toString())],
]);

/** `$util`. A method that is not there is null, as on AWS, where it makes no error either. */
export const apiGatewayUtil: JavaObject = new Util();
