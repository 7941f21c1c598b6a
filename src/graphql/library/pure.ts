/**
 * The functions of `util` that only make values of values, by their names in JavaScript. Both languages call these.
 * https://docs.aws.amazon.com/appsync/latest/devguide/resolver-util-reference-js.html
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { escapeJavaScript, urlDecode, urlEncode } from '../../lang/vtl/escape.ts';
import { toDynamoDB, toMapValues } from './dynamodb.ts';
import { isFound } from '../user-pattern.ts';
import { createStatement } from './sql.ts';
import { formatTime, parseTime } from './time.ts';
import { toDynamoDBExpression, toOpenSearchQuery, toSubscriptionFilter } from './transform.ts';
import { xmlToMap } from './xml.ts';

type Run = (...given: never[]) => unknown;

const text = (value: unknown): string => (typeof value === 'string' ? value : String(value));
const iso = (ms: number): string => new Date(ms).toISOString();

const typed =
  (kind: string) =>
  (value: unknown): object => ({ [kind]: value });

export const PURE: Readonly<Record<string, Run>> = {
  escapeJavaScript: (value: unknown) => escapeJavaScript(text(value)),
  urlEncode: (value: unknown) => urlEncode(text(value)),
  urlDecode: (value: unknown) => urlDecode(text(value)),
  base64Encode: (value: unknown) => Buffer.from(text(value)).toString('base64'),
  base64Decode: (value: unknown) => Buffer.from(text(value), 'base64').toString('utf8'),
  autoId: () => randomUUID(),
  autoUlid: () => ulid(Date.now()),
  autoKsuid: () => ksuid(Date.now()),
  matches: (pattern: string, value: string) => isFound(pattern, value),

  'time.nowISO8601': () => iso(Date.now()),
  'time.nowEpochSeconds': () => Math.floor(Date.now() / 1000),
  'time.nowEpochMilliSeconds': () => Date.now(),
  'time.nowFormatted': (pattern: string, zone = 'UTC') => formatTime(Date.now(), pattern, zone),
  'time.parseFormattedToEpochMilliSeconds': (value: string, pattern: string, zone?: string) =>
    parseTime(value, pattern, zone),
  'time.parseISO8601ToEpochMilliSeconds': (value: string) => {
    const ms = Date.parse(value);
    if (Number.isNaN(ms)) throw new Error(`Text '${value}' could not be parsed`);
    return ms;
  },
  'time.epochMilliSecondsToSeconds': (ms: number) => Math.floor(ms / 1000),
  'time.epochMilliSecondsToISO8601': (ms: number) => iso(ms),
  'time.epochMilliSecondsToFormatted': (ms: number, pattern: string, zone = 'UTC') =>
    formatTime(ms, pattern, zone),

  'dynamodb.toDynamoDB': (value: unknown) => toDynamoDB(value),
  'dynamodb.toString': typed('S'),
  'dynamodb.toStringSet': typed('SS'),
  'dynamodb.toNumber': typed('N'),
  'dynamodb.toNumberSet': typed('NS'),
  'dynamodb.toBinary': typed('B'),
  'dynamodb.toBinarySet': typed('BS'),
  'dynamodb.toBoolean': typed('BOOL'),
  'dynamodb.toNull': () => ({ NULL: null }),
  'dynamodb.toList': (list: unknown) => ({ L: (list as unknown[]).map(toDynamoDB) }),
  'dynamodb.toMap': (map: unknown) => ({ M: toMapValues(map) }),
  'dynamodb.toMapValues': (map: unknown) => toMapValues(map),
  'dynamodb.toS3Object': (key: string, bucket: string, region: string, version?: string) => ({
    S: JSON.stringify({ s3: { key, bucket, region, ...(version !== undefined && { version }) } }),
  }),
  'dynamodb.fromS3ObjectJson': (value: string) => (JSON.parse(value) as { s3?: unknown }).s3,

  'str.normalize': (value: string, form: string) => value.normalize(form.toUpperCase()),
  'str.toUpper': (value: string) => value.toUpperCase(),
  'str.toLower': (value: string) => value.toLowerCase(),
  'str.toReplace': (value: string, from: string, to: string) => value.split(from).join(to),

  'math.roundNum': (value: number) => Math.round(value),
  'math.minVal': (one: number, other: number) => Math.min(one, other),
  'math.maxVal': (one: number, other: number) => Math.max(one, other),
  'math.randomDouble': () => Math.random(),
  'math.randomWithinRange': (from: number, to: number) => Math.floor(Math.random() * (to - from)) + from,

  'list.copyAndRetainAll': (list: unknown[], kept: unknown[]) => list.filter((item) => has(kept, item)),
  'list.copyAndRemoveAll': (list: unknown[], gone: unknown[]) => list.filter((item) => !has(gone, item)),
  'list.sortList': (list: unknown[], descending: boolean, field: string) => sorted(list, descending, field),
  'map.copyAndRetainAllKeys': (map: object, kept: unknown[]) => picked(map, (key) => kept.includes(key)),
  'map.copyAndRemoveAllKeys': (map: object, gone: unknown[]) => picked(map, (key) => !gone.includes(key)),

  'transform.toDynamoDBFilterExpression': (filter: Record<string, unknown>) =>
    JSON.stringify(toDynamoDBExpression(filter)),
  'transform.toDynamoDBConditionExpression': (filter: Record<string, unknown>) =>
    JSON.stringify(toDynamoDBExpression(filter)),
  'transform.toElasticsearchQueryDSL': (filter: Record<string, unknown>) =>
    JSON.stringify(toOpenSearchQuery(filter)),
  'transform.toSubscriptionFilter': (
    filter: Record<string, unknown>,
    ignored?: string[],
    must?: Record<string, unknown>,
  ) => JSON.stringify(toSubscriptionFilter(filter, ignored, must)),

  'http.copyHeaders': (headers: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => !UNCOPIED.has(name.toLowerCase()))),
  'xml.toMap': (value: string) => xmlToMap(value),
  'xml.toJsonString': (value: string) => JSON.stringify(xmlToMap(value)),
  'rds.createStatement': (dialect: 'pg' | 'mysql', statements: unknown[]) =>
    createStatement(dialect, statements),
  'rds.toJsonObject': (answer: string | object) => rowsOf(answer),
};

const UNCOPIED = new Set([
  'transfer-encoding',
  'connection',
  'host',
  'expect',
  'keep-alive',
  'upgrade',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'content-length',
]);

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const has = (list: readonly unknown[], item: unknown): boolean => list.some((each) => isSame(each, item));

const picked = (map: object, keep: (key: string) => boolean): object =>
  Object.fromEntries(Object.entries(map).filter(([key]) => keep(key)));

function sorted(list: unknown[], descending: boolean, field: string): unknown[] {
  const of = (item: unknown): unknown =>
    typeof item === 'object' && item !== null ? (item as Record<string, unknown>)[field] : item;
  const order = (one: unknown, other: unknown): number =>
    Object.is(one, other) ? 0 : (one as number) < (other as number) ? -1 : 1;
  const result = list.toSorted((one, other) => order(of(one), of(other)));
  return descending ? result.toReversed() : result;
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
function ulid(ms: number): string {
  let time = '';
  for (let left = ms, at = 0; at < 10; at++, left = Math.floor(left / 32))
    time = `${CROCKFORD[left % 32]}${time}`;
  return time + [...randomBytes(16)].map((byte) => CROCKFORD[byte % 32]).join('');
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
function ksuid(ms: number): string {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(Math.floor(ms / 1000) - 1_400_000_000);
  let value = BigInt(`0x${Buffer.concat([head, randomBytes(16)]).toString('hex')}`);
  let out = '';
  for (let at = 0; at < 27; at++, value /= 62n) out = `${BASE62[Number(value % 62n)]}${out}`;
  return out;
}

/** Rows of a Data API answer as objects, a list for each statement. */
function rowsOf(answer: string | object): unknown {
  const parsed = (typeof answer === 'string' ? JSON.parse(answer) : answer) as {
    sqlStatementResults?: readonly {
      records?: readonly unknown[][];
      columnMetadata?: readonly { label?: string; name?: string }[];
    }[];
  };
  return (parsed.sqlStatementResults ?? []).map(({ records = [], columnMetadata = [] }) =>
    records.map((cells) =>
      Object.fromEntries(
        columnMetadata.map(({ label, name }, at) => [label ?? name ?? String(at), cellOf(cells[at])]),
      ),
    ),
  );
}

function cellOf(cell: unknown): unknown {
  const [kind, value] = Object.entries((cell ?? {}) as object)[0] ?? ['isNull', true];
  return kind === 'isNull' ? null : value;
}
