/** Secrets and their versions as they are kept: values lie in envelopes, never plain. */
import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';
import { arnOf, parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Envelope } from '../kit/envelope.ts';

export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';
export const PREVIOUS = 'AWSPREVIOUS';
export const DEFAULT_KEY = 'alias/aws/secretsmanager';

export interface Stages {
  readonly stages: readonly string[];
  readonly createdMs: number;
}

export interface SecretRow {
  readonly name: string;
  /** Six characters behind the name in the ARN, so that a secret made again has another. */
  readonly suffix: string;
  readonly description?: string;
  readonly keyId?: string;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly accessedMs?: number;
  /** When it was deleted, and when it goes. */
  readonly deletedMs?: number;
  readonly goesMs?: number;
  readonly policy?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, Stages>>;
  readonly rotation?: Rotation;
}

export interface Rotation {
  readonly lambdaArn: string;
  readonly rules: RotationRulesType;
  readonly lastMs?: number;
  readonly nextMs?: number;
}

/** By name. */
export const secrets = table<SecretRow>('secretsmanager.secrets');

export interface ValueRow {
  readonly sealed: Envelope;
  readonly isBinary: boolean;
  /** Of the value, so that the same given again is known without being opened. */
  readonly digest: string;
}

/** By name, `\u0001` and version id. */
export const values = table<ValueRow>('secretsmanager.values');
export const valuePrefix = (name: string): string => `${name}\u0001`;
export const valueKey = (name: string, versionId: string): string => valuePrefix(name) + versionId;

export const secretArn = (scope: Scope, { name, suffix }: Pick<SecretRow, 'name' | 'suffix'>): string =>
  arnOf(scope, 'secretsmanager', `secret:${name}-${suffix}`);

export const notFound = (): Fault =>
  new Fault('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

export const isDeleted = (): Fault =>
  new Fault(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  );

export interface FoundSecret {
  readonly scope: Scope;
  readonly row: SecretRow;
}

/** A name, an ARN, or an ARN without its six characters. One whose time is over is gone. */
export async function findSecret(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  id: string | undefined,
  now: number,
): Promise<FoundSecret> {
  const arn = parseArn(id ?? '');
  const place = arn === undefined ? scope : { account: arn.account, region: arn.region };
  const named = arn === undefined ? (id ?? '') : arn.resource.slice('secret:'.length);
  const whole = await rows.get(secrets, place, named);
  const partial =
    whole ?? (arn === undefined ? undefined : await rows.get(secrets, place, named.slice(0, -7)));
  const fits = partial !== undefined && (whole !== undefined || secretArn(place, partial) === id);
  if (partial === undefined || !fits) throw notFound();
  if (partial.goesMs !== undefined && partial.goesMs <= now) throw notFound();
  return { scope: place, row: partial };
}

/** The version that has a stage. */
export const versionWith = ({ versions }: SecretRow, stage: string): string | undefined =>
  Object.entries(versions).find(([, { stages }]) => stages.includes(stage))?.[0];
