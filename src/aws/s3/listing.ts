/** ListObjects, ListObjectsV2 and ListObjectVersions: keys in byte order, folded at the delimiter. */
import type {
  ListObjectsOutput,
  ListObjectsRequest,
  ListObjectsV2Output,
  ListObjectsV2Request,
  ListObjectVersionsOutput,
  ListObjectVersionsRequest,
} from '@aws-sdk/client-s3';
import type { Reader, Table } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { ownerOf } from './bucket.ts';
import { type BucketRow, EVERYONE, findBucket } from './bucket-row.ts';
import { invalidArgument } from './faults.ts';
import { currents, objectPrefix, type ObjectVersion, versions } from './object-rows.ts';

const MAX_KEYS = 1000;
const LAST = '\u{10FFFF}';

export const listingOperations = ({ store }: ServicePorts) => ({
  async ListObjectsV2(input: ListObjectsV2Request, { scope }: Call): Promise<ListObjectsV2Output> {
    const bucket = await findBucket(store, input.Bucket, scope);
    const after = input.ContinuationToken ? tokenText(input.ContinuationToken) : input.StartAfter;
    const page = await listKeys(store, bucket, currents, { ...input, after });
    const encode = encoder(input.EncodingType);
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      ...(input.Delimiter ? { Delimiter: encode(input.Delimiter) } : {}),
      ...(input.StartAfter ? { StartAfter: encode(input.StartAfter) } : {}),
      ...(input.ContinuationToken ? { ContinuationToken: input.ContinuationToken } : {}),
      ...(input.EncodingType ? { EncodingType: input.EncodingType } : {}),
      MaxKeys: page.maxKeys,
      KeyCount: page.found.length + page.folded.length,
      IsTruncated: page.next !== undefined,
      ...(page.next === undefined
        ? {}
        : { NextContinuationToken: Buffer.from(page.next).toString('base64') }),
      Contents: page.found.map((version) => ({
        ...showObject(version, encode),
        ...(input.FetchOwner ? { Owner: ownerOf(scope) } : {}),
      })),
      CommonPrefixes: page.folded.map((prefix) => ({ Prefix: encode(prefix) })),
    };
  },

  async ListObjects(input: ListObjectsRequest, { scope }: Call): Promise<ListObjectsOutput> {
    const bucket = await findBucket(store, input.Bucket, scope);
    const page = await listKeys(store, bucket, currents, { ...input, after: input.Marker });
    const encode = encoder(input.EncodingType);
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      Marker: encode(input.Marker ?? ''),
      ...(input.Delimiter ? { Delimiter: encode(input.Delimiter) } : {}),
      ...(input.EncodingType ? { EncodingType: input.EncodingType } : {}),
      MaxKeys: page.maxKeys,
      IsTruncated: page.next !== undefined,
      // S3 gives a next marker only with a delimiter; otherwise the last key is the marker.
      ...(page.next !== undefined && input.Delimiter ? { NextMarker: encode(page.next) } : {}),
      Contents: page.found.map((version) => ({ ...showObject(version, encode), Owner: ownerOf(scope) })),
      CommonPrefixes: page.folded.map((prefix) => ({ Prefix: encode(prefix) })),
    };
  },

  async ListObjectVersions(
    input: ListObjectVersionsRequest,
    { scope }: Call,
  ): Promise<ListObjectVersionsOutput> {
    const bucket = await findBucket(store, input.Bucket, scope);
    if (input.VersionIdMarker && !input.KeyMarker)
      throw invalidArgument('A version-id marker cannot be specified without a key marker.');
    const page = await listVersions(store, bucket, input);
    const encode = encoder(input.EncodingType);
    const show = (version: ObjectVersion) => ({
      Key: encode(version.key),
      VersionId: version.versionId,
      IsLatest: page.latest.has(version),
      LastModified: new Date(version.modifiedMs),
      Owner: ownerOf(scope),
    });
    return {
      Name: bucket.name,
      Prefix: encode(input.Prefix ?? ''),
      KeyMarker: encode(input.KeyMarker ?? ''),
      VersionIdMarker: input.VersionIdMarker ?? '',
      ...(input.Delimiter ? { Delimiter: encode(input.Delimiter) } : {}),
      ...(input.EncodingType ? { EncodingType: input.EncodingType } : {}),
      MaxKeys: page.maxKeys,
      IsTruncated: page.next !== undefined,
      ...(page.next
        ? { NextKeyMarker: encode(page.next.key), NextVersionIdMarker: page.next.versionId }
        : {}),
      Versions: page.found
        .filter((version) => !version.deleteMarker)
        .map((version) => ({
          ...show(version),
          ETag: `"${version.etag}"`,
          Size: version.sizeBytes,
          StorageClass: 'STANDARD' as const,
        })),
      DeleteMarkers: page.found.filter((version) => version.deleteMarker).map(show),
      CommonPrefixes: page.folded.map((prefix) => ({ Prefix: encode(prefix) })),
    };
  },
});

interface Asked {
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly MaxKeys?: number | undefined;
  readonly after?: string | undefined;
}

interface Page {
  readonly maxKeys: number;
  readonly found: readonly ObjectVersion[];
  readonly folded: readonly string[];
  /** Where the next page begins: behind this key or common prefix. */
  readonly next?: string;
}

async function listKeys(
  rows: Reader,
  bucket: BucketRow,
  from: Table<ObjectVersion>,
  asked: Asked,
): Promise<Page> {
  const maxKeys = keysAsked(asked.MaxKeys);
  const base = objectPrefix(bucket);
  const prefix = asked.Prefix ?? '';
  const found: ObjectVersion[] = [];
  const folded: string[] = [];
  const counted = (): number => found.length + folded.length;
  let last: string | undefined;
  let after = asked.after;
  // A page that ended with a common prefix goes on behind everything that it folds.
  if (after !== undefined && asked.Delimiter && fold(after, prefix, asked.Delimiter) === after) after += LAST;
  for (;;) {
    const entries = await rows.list(from, EVERYONE, {
      prefix: base + prefix,
      limit: MAX_KEYS,
      ...(after === undefined ? {} : { after: base + after }),
    });
    let skipped = false;
    for (const { row } of entries) {
      if (counted() >= maxKeys)
        return { maxKeys, found, folded, ...(maxKeys > 0 && last !== undefined ? { next: last } : {}) };
      const common = asked.Delimiter ? fold(row.key, prefix, asked.Delimiter) : undefined;
      last = common ?? row.key;
      after = common === undefined ? row.key : common + LAST;
      if (common === undefined) found.push(row);
      else folded.push(common);
      skipped = common !== undefined;
      if (skipped) break;
    }
    if (!skipped && entries.length < MAX_KEYS) return { maxKeys, found, folded };
  }
}

/** The common prefix that a key falls under, up to and with the delimiter. */
function fold(key: string, prefix: string, delimiter: string): string | undefined {
  const at = key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}

interface VersionPage {
  readonly maxKeys: number;
  readonly found: readonly ObjectVersion[];
  readonly latest: ReadonlySet<ObjectVersion>;
  readonly folded: readonly string[];
  readonly next?: ObjectVersion;
}

async function listVersions(
  rows: Reader,
  bucket: BucketRow,
  input: ListObjectVersionsRequest,
): Promise<VersionPage> {
  const maxKeys = keysAsked(input.MaxKeys);
  const prefix = input.Prefix ?? '';
  const every = (await rows.list(versions, EVERYONE, { prefix: objectPrefix(bucket) + prefix })).map(
    (entry) => entry.row,
  );
  const latest = new Set(every.filter((version, at) => every[at - 1]?.key !== version.key));
  const found: ObjectVersion[] = [];
  const folded = new Set<string>();
  for (const version of every.slice(firstAfter(every, input))) {
    if (found.length + folded.size >= maxKeys)
      return { maxKeys, found, latest, folded: [...folded], ...(found.at(-1) ? { next: found.at(-1) } : {}) };
    const common = input.Delimiter ? fold(version.key, prefix, input.Delimiter) : undefined;
    if (common === undefined) found.push(version);
    else folded.add(common);
  }
  return { maxKeys, found, latest, folded: [...folded] };
}

function firstAfter(
  every: readonly ObjectVersion[],
  { KeyMarker, VersionIdMarker }: ListObjectVersionsRequest,
): number {
  if (!KeyMarker) return 0;
  const marked = every.findIndex(
    (version) => version.key === KeyMarker && version.versionId === VersionIdMarker,
  );
  if (marked !== -1) return marked + 1;
  const behind = every.findIndex(
    (version) => Buffer.compare(Buffer.from(version.key), Buffer.from(KeyMarker)) > 0,
  );
  return behind === -1 ? every.length : behind;
}

function keysAsked(asked: number | undefined): number {
  if (asked !== undefined && asked < 0)
    throw invalidArgument('Argument maxKeys must be an integer between 0 and 2147483647');
  return Math.min(asked ?? MAX_KEYS, MAX_KEYS);
}

function showObject(version: ObjectVersion, encode: (text: string) => string) {
  return {
    Key: encode(version.key),
    LastModified: new Date(version.modifiedMs),
    ETag: `"${version.etag}"`,
    Size: version.sizeBytes,
    StorageClass: version.storageClass,
  };
}

const encoder = (encodingType: string | undefined): ((text: string) => string) =>
  encodingType === 'url'
    ? (text) => encodeURIComponent(text).replace(/%2F/g, '/').replace(/%20/g, '+')
    : (text) => text;

function tokenText(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (Buffer.from(text).toString('base64') !== token)
    throw invalidArgument('The continuation token provided is incorrect');
  return text;
}
