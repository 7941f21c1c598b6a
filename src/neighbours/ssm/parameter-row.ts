/** Parameters and their versions as they are kept. */
import { arnOf, parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table, type Transaction } from '../../store/store.ts';
import type { Envelope } from '../kit/envelope.ts';

export type ParameterType = 'String' | 'StringList' | 'SecureString';
export type Tier = 'Standard' | 'Advanced';

export interface VersionRow {
  readonly version: number;
  readonly type: ParameterType;
  readonly text?: string;
  /** Of a SecureString. */
  readonly sealed?: Envelope;
  readonly keyId?: string;
  readonly dataType: string;
  readonly description?: string;
  readonly allowedPattern?: string;
  readonly tier: Tier;
  readonly policies?: string;
  /** When a policy ends the parameter. */
  readonly expiresMs?: number;
  readonly labels: readonly string[];
  readonly modifiedMs: number;
  readonly modifiedBy: string;
}

export interface ParameterRow {
  readonly name: string;
  readonly current: VersionRow;
  readonly tags: Readonly<Record<string, string>>;
}

/** By name. */
export const parameters = table<ParameterRow>('ssm.parameters');
/** Every version, by name and number. */
export const versions = table<VersionRow>('ssm.parameter-versions');

export const versionPrefix = (name: string): string => `${name}\u0001`;
export const versionKey = (name: string, version: number): string =>
  versionPrefix(name) + String(version).padStart(8, '0');

export const parameterArn = (scope: Scope, name: string): string =>
  arnOf(scope, 'ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);

/** A name may be an ARN; one of this account only, sharing is not there. */
export function plainName(text: string): string {
  const arn = parseArn(text);
  if (arn?.service !== 'ssm') return text;
  const path = arn.resource.slice('parameter'.length);
  return path.lastIndexOf('/') === 0 ? path.slice(1) : path;
}

export const notFound = (): Fault => new Fault('ParameterNotFound', '');

/** An expired parameter is gone: whoever looks at it first takes it out. */
export async function findParameter(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  name: string,
  now: number,
): Promise<ParameterRow> {
  const row = await rows.get(parameters, scope, name);
  if (row === undefined || isExpired(row, now)) throw notFound();
  return row;
}

export const isExpired = ({ current }: ParameterRow, now: number): boolean =>
  current.expiresMs !== undefined && current.expiresMs <= now;

export async function removeParameter(rows: Transaction, scope: Scope, name: string): Promise<boolean> {
  await rows.deleteRange(versions, scope, versionPrefix(name));
  return rows.delete(parameters, scope, name);
}
