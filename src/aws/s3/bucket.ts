/** Buckets: making, listing, heading, deleting, versioning. */
import { randomUUID } from 'node:crypto';
import type {
  CreateBucketOutput,
  CreateBucketRequest,
  DeleteBucketRequest,
  GetBucketLocationOutput,
  GetBucketLocationRequest,
  GetBucketVersioningOutput,
  GetBucketVersioningRequest,
  HeadBucketOutput,
  HeadBucketRequest,
  ListBucketsOutput,
  ListBucketsRequest,
  PutBucketVersioningRequest,
} from '@aws-sdk/client-s3';
import { arnOf } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { type BucketRow, buckets, EVERYONE, findBucket } from './bucket-row.ts';
import {
  bucketAlreadyExists,
  bucketAlreadyOwned,
  bucketNotEmpty,
  invalidBucketName,
  malformedXml,
} from './faults.ts';
import { objectPrefix, uploads, versions } from './object-rows.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const NAME = /^(?!xn--)(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

export const bucketOperations = ({ store, now }: ServicePorts) => ({
  async CreateBucket(input: CreateBucketRequest, { scope }: Call): Promise<CreateBucketOutput> {
    const name = input.Bucket ?? '';
    if (!NAME.test(name) || name.endsWith('-s3alias')) throw invalidBucketName(name);
    await store.transaction(async (rows) => {
      const before = await rows.get(buckets, EVERYONE, name);
      if (before && before.account !== scope.account) throw bucketAlreadyExists(name);
      // In us-east-1 making one's own bucket again succeeds, for old times' sake; elsewhere it does not.
      if (before && (before.region !== 'us-east-1' || scope.region !== 'us-east-1'))
        throw bucketAlreadyOwned(name);
      if (!before) await rows.put(buckets, EVERYONE, name, newBucket(input, scope, now()));
    });
    return {
      Location: scope.region === 'us-east-1' ? `/${name}` : `http://${name}.s3.amazonaws.com/`,
      BucketArn: bucketArn(scope, name),
    };
  },

  async HeadBucket(input: HeadBucketRequest, { scope }: Call): Promise<HeadBucketOutput> {
    const row = await findBucket(store, input.Bucket, scope);
    return { BucketRegion: row.region, BucketArn: bucketArn(scope, row.name), AccessPointAlias: false };
  },

  async ListBuckets(input: ListBucketsRequest, { scope }: Call): Promise<ListBucketsOutput> {
    const every = await store.list(buckets, EVERYONE, {
      prefix: input.Prefix ?? '',
      ...(input.ContinuationToken ? { after: input.ContinuationToken } : {}),
    });
    const own = every
      .map((entry) => entry.row)
      .filter(
        (row) => row.account === scope.account && (!input.BucketRegion || row.region === input.BucketRegion),
      );
    const page = own.slice(0, input.MaxBuckets ?? 10_000);
    const last = page.at(-1);
    return {
      Buckets: page.map((row) => ({
        Name: row.name,
        CreationDate: new Date(row.createdMs),
        BucketRegion: row.region,
        BucketArn: bucketArn(scope, row.name),
      })),
      Owner: ownerOf(scope),
      ...(input.Prefix ? { Prefix: input.Prefix } : {}),
      ...(page.length < own.length && last ? { ContinuationToken: last.name } : {}),
    };
  },

  async DeleteBucket(input: DeleteBucketRequest, { scope }: Call): Promise<object> {
    await store.transaction(async (rows) => {
      const row = await findBucket(rows, input.Bucket, scope);
      const left = await rows.list(versions, EVERYONE, { prefix: objectPrefix(row), limit: 1 });
      if (left.length > 0) throw bucketNotEmpty(row.name);
      await rows.deleteRange(uploads, EVERYONE, objectPrefix(row));
      await rows.delete(buckets, EVERYONE, row.name);
    });
    return {};
  },

  async GetBucketLocation(
    input: GetBucketLocationRequest,
    { scope }: Call,
  ): Promise<GetBucketLocationOutput> {
    const { region } = await findBucket(store, input.Bucket, scope);
    // us-east-1 is told by an empty element; regions are a closed list in the SDK, an open one here.
    return region === 'us-east-1'
      ? {}
      : { LocationConstraint: region as GetBucketLocationOutput['LocationConstraint'] };
  },

  async GetBucketVersioning(
    input: GetBucketVersioningRequest,
    { scope }: Call,
  ): Promise<GetBucketVersioningOutput> {
    const { versioning, mfaDelete } = await findBucket(store, input.Bucket, scope);
    return { ...(versioning ? { Status: versioning } : {}), ...(mfaDelete ? { MFADelete: mfaDelete } : {}) };
  },

  async PutBucketVersioning(input: PutBucketVersioningRequest, { scope }: Call): Promise<object> {
    const Status = input.VersioningConfiguration?.Status;
    if (!Status) throw malformedXml();
    await store.transaction(async (rows) => {
      const row = await findBucket(rows, input.Bucket, scope);
      await rows.put(buckets, EVERYONE, row.name, { ...row, versioning: Status });
    });
    return {};
  },
});

function newBucket(input: CreateBucketRequest, scope: Scope, createdMs: number): BucketRow {
  const asked = input.CreateBucketConfiguration?.LocationConstraint;
  const ownership = input.ObjectOwnership ?? 'BucketOwnerEnforced';
  return {
    name: input.Bucket ?? '',
    bucketId: randomUUID(),
    account: scope.account,
    region: asked || scope.region,
    createdMs,
    objectLock: input.ObjectLockEnabledForBucket ?? false,
    ...(input.ObjectLockEnabledForBucket ? { versioning: 'Enabled' } : {}),
    tags: (input.CreateBucketConfiguration?.Tags ?? []).map(({ Key, Value }) => ({
      Key: Key ?? '',
      Value: Value ?? '',
    })),
    settings: {
      ownership: { Rules: [{ ObjectOwnership: ownership }] },
      // What every new bucket has since April 2023: https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html
      publicAccess: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
    },
  };
}

const bucketArn = (scope: Scope, name: string): string =>
  arnOf({ account: '', region: '' }, 's3', name).replace('arn:aws:', `arn:${partition(scope)}:`);
const partition = ({ region }: Scope): string =>
  arnOf({ account: '', region }, 's3', '').split(':')[1] ?? 'aws';

/** A canonical user id: 64 hex digits, the same for an account at all times. */
export const ownerOf = ({ account }: { readonly account: string }): { ID: string; DisplayName: string } => ({
  ID: account.repeat(6).slice(0, 64),
  DisplayName: account,
});
