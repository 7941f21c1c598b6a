/**
 * `$util` and `$extensions` of AppSync's mapping templates. https://docs.aws.amazon.com/appsync/latest/devguide/resolver-util-reference.html
 */
import { parseJson } from '../lang/json/parse.ts';
import { printJson } from '../lang/json/print.ts';
import {
  isList,
  isMap,
  JavaException,
  JavaObject,
  listOf,
  mapEntries,
  printJava,
} from '../lang/java/value.ts';
import type { AuthTypeName, Effects } from './effects.ts';
import { ResolverError, unauthorizedField } from './errors.ts';
import { PURE } from './library/pure.ts';

type Method = (...given: unknown[]) => unknown;

/** An object of methods; those that are not there are null, as on AWS. */
class Methods extends JavaObject {
  private readonly name: string;
  private readonly methods: ReadonlyMap<string, Method>;
  private readonly inner: ReadonlyMap<string, JavaObject>;
  constructor(name: string, methods: Iterable<[string, Method]>, inner: Iterable<[string, JavaObject]> = []) {
    super();
    this.name = name;
    this.methods = new Map(methods);
    this.inner = new Map(inner);
  }
  override property(name: string): unknown {
    return this.inner.get(name);
  }
  method(name: string): Method | undefined {
    return this.methods.get(name);
  }
  toString(): string {
    return this.name;
  }
}

/** Java collections as plain JSON values, which the functions work on. */
export function plain(value: unknown): unknown {
  if (value === undefined) return null;
  if (isList(value)) return value.map(plain);
  if (isMap(value))
    return Object.fromEntries(mapEntries(value).map(([key, inner]) => [printJava(key), plain(inner)]));
  return value;
}

/** Lists made by functions print as Java's. */
function java(value: unknown): unknown {
  if (Array.isArray(value)) return listOf(value.map(java));
  if (isMap(value))
    return Object.fromEntries(mapEntries(value).map(([key, inner]) => [String(key), java(inner)]));
  return value;
}

function pure(name: string): Method {
  const run = PURE[name] as Method | undefined; // the table's functions check what they are given
  return (...given) => {
    try {
      return java(run?.(...given.map(plain)));
    } catch (thrown) {
      throw new JavaException(
        'IllegalArgumentException',
        thrown instanceof Error ? thrown.message : String(thrown),
      );
    }
  };
}

const pureUnder = (prefix: string): [string, Method][] =>
  Object.keys(PURE)
    .filter((name) => name.startsWith(`${prefix}.`))
    .map((name) => [name.slice(prefix.length + 1), pure(name)]);

export interface TemplateUtil {
  readonly effects: Effects;
  readonly authType: AuthTypeName;
  readonly fieldName: string;
  readonly parentTypeName: string;
}

export function templateUtil(given: TemplateUtil): JavaObject {
  return new Methods(
    '$util',
    [...basics(), ...failures(given)],
    [
      ['time', new Methods('$util.time', pureUnder('time'))],
      ['dynamodb', new Methods('$util.dynamodb', dynamodb())],
      ['list', new Methods('$util.list', pureUnder('list'))],
      ['map', new Methods('$util.map', pureUnder('map'))],
      ['str', new Methods('$util.str', pureUnder('str'))],
      ['math', new Methods('$util.math', pureUnder('math'))],
      ['transform', new Methods('$util.transform', pureUnder('transform'))],
      ['rds', new Methods('$util.rds', rds())],
      ['xml', new Methods('$util.xml', pureUnder('xml'))],
      ['http', new Methods('$util.http', http(given.effects))],
      ['log', new Methods('$util.log', logs(given.effects))],
    ],
  );
}

const isNull = (value: unknown): boolean => value === null || value === undefined;
const isEmpty = (value: unknown): boolean => isNull(value) || value === '';
const isBlank = (value: unknown): boolean => isNull(value) || printJava(value).trim() === '';

function basics(): [string, Method][] {
  return [
    ...[
      'escapeJavaScript',
      'urlEncode',
      'urlDecode',
      'base64Encode',
      'base64Decode',
      'autoId',
      'autoUlid',
      'autoKsuid',
      'matches',
    ].map((name): [string, Method] => [name, pure(name)]),
    ['qr', () => ''],
    ['quiet', () => ''],
    ['parseJson', (text) => parsed(text)],
    ['toJson', (value) => printJson(value ?? null)],
    ['isNull', (value) => isNull(value)],
    ['isNullOrEmpty', (value) => isEmpty(value)],
    ['isNullOrBlank', (value) => isBlank(value)],
    ['defaultIfNull', (value, otherwise) => (isNull(value) ? otherwise : value)],
    ['defaultIfNullOrEmpty', (value, otherwise) => (isEmpty(value) ? otherwise : value)],
    ['defaultIfNullOrBlank', (value, otherwise) => (isBlank(value) ? otherwise : value)],
    ['isString', (value) => typeof value === 'string'],
    ['isNumber', (value) => typeOf(value) === 'Number'],
    ['isBoolean', (value) => typeof value === 'boolean'],
    ['isList', (value) => isList(value)],
    ['isMap', (value) => isMap(value)],
    ['typeOf', (value) => typeOf(value)],
  ];
}

function typeOf(value: unknown): string {
  if (isNull(value)) return 'Null';
  if (isList(value)) return 'List';
  if (isMap(value)) return 'Map';
  if (typeof value === 'string') return 'String';
  if (typeof value === 'boolean') return 'Boolean';
  return value instanceof JavaObject ? 'Object' : 'Number';
}

function parsed(text: unknown): unknown {
  if (isNull(text)) return null;
  try {
    return parseJson(printJava(text));
  } catch (thrown) {
    throw new JavaException('JsonParseException', thrown instanceof Error ? thrown.message : 'not JSON');
  }
}

const textOrNull = (value: unknown): string | null => (isNull(value) ? null : printJava(value));

function failures({ effects, authType, fieldName, parentTypeName }: TemplateUtil): [string, Method][] {
  const made = (given: readonly unknown[]): ResolverError => {
    const [message, type, data, info] = given;
    return new ResolverError(printJava(message), textOrNull(type), plain(data), plain(info));
  };
  return [
    [
      'error',
      (...given) => {
        throw made(given);
      },
    ],
    [
      'appendError',
      (...given) => {
        const { message, errorType, data, errorInfo } = made(given);
        effects.appended.push({ message, errorType, data, errorInfo });
        return '';
      },
    ],
    [
      'unauthorized',
      () => {
        throw unauthorizedField(fieldName, parentTypeName);
      },
    ],
    [
      'validate',
      (holds, message, type, data) => {
        if (holds !== true)
          throw new ResolverError(
            printJava(message),
            textOrNull(type) ?? 'CustomTemplateException',
            plain(data),
          );
        return '';
      },
    ],
    ['authType', () => authType],
  ];
}

/** Each function also has a form that gives JSON text: `toMapValuesJson`. */
function dynamodb(): [string, Method][] {
  return pureUnder('dynamodb').flatMap(([name, run]): [string, Method][] => [
    [name, run],
    [`${name}Json`, (...given) => printJson(run(...given))],
  ]);
}

function rds(): [string, Method][] {
  const run = pure('rds.toJsonObject');
  return [
    ['toJsonObject', run],
    ['toJsonString', (answer) => printJson(run(answer))],
  ];
}

function http({ responseHeaders }: Effects): [string, Method][] {
  const add = (name: unknown, value: unknown): void => {
    responseHeaders[printJava(name)] = printJava(value);
  };
  return [
    ['copyHeaders', pure('http.copyHeaders')],
    [
      'addResponseHeader',
      (name, value) => {
        add(name, value);
        return '';
      },
    ],
    [
      'addResponseHeaders',
      (headers) => {
        if (isMap(headers)) for (const [name, value] of mapEntries(headers)) add(name, value);
        return '';
      },
    ],
  ];
}

function logs(effects: Effects): [string, Method][] {
  const write =
    (level: 'INFO' | 'ERROR'): Method =>
    (...given) => {
      effects.logs.push({
        level,
        message: given.map((value) => (typeof value === 'string' ? value : printJson(value))).join(' '),
      });
      return '';
    };
  return [
    ['info', write('INFO')],
    ['error', write('ERROR')],
  ];
}

/** `$extensions`. https://docs.aws.amazon.com/appsync/latest/devguide/extensions.html */
export function templateExtensions(effects: Effects): JavaObject {
  const quiet =
    (work: (...given: unknown[]) => void): Method =>
    (...given) => {
      work(...given.map(plain));
      return '';
    };
  return new Methods('$extensions', [
    ['setSubscriptionFilter', quiet((filter) => void (effects.subscriptionFilter = filter))],
    ['setSubscriptionInvalidationFilter', quiet((filter) => void (effects.invalidationFilter = filter))],
    ['invalidateSubscriptions', quiet((invalidation) => void effects.invalidations.push(invalidation))],
    [
      'evictFromApiCache',
      quiet((typeName, fieldName, keys) => {
        effects.evictions.push({
          typeName: String(typeName),
          fieldName: String(fieldName),
          keys: (keys ?? {}) as Record<string, unknown>,
        });
      }),
    ],
  ]);
}
