/** Finding a version by number or through an alias, and how AWS shows it under each name. */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Reader } from '../../store/store.ts';
import { notFound } from './fault.ts';
import { needFunction } from './function-change.ts';
import { arnOfReference, type FunctionReference, isVersion } from './function-reference.ts';
import { aliases, type FunctionRow, type VersionRow, versionKey, versions } from './rows.ts';

/** The version a reference means, by number or through an alias. Throws AWS's not-found. */
export async function findVersion(
  rows: Pick<Reader, 'get'>,
  reference: FunctionReference,
): Promise<{ row: FunctionRow; version: VersionRow }> {
  const row = await needFunction(rows, reference);
  const qualifier = reference.qualifier ?? '$LATEST';
  const alias = isVersion(qualifier)
    ? undefined
    : await rows.get(aliases, reference.scope, `${reference.name}/${qualifier}`);
  const number = alias?.functionVersion ?? qualifier;
  if (number === '$LATEST') return { row, version: row };
  const version = isVersion(number)
    ? await rows.get(versions, reference.scope, versionKey(reference.name, number))
    : undefined;
  if (version === undefined) throw notFound(`Function not found: ${arnOfReference(reference)}`);
  return { row, version };
}

/** Like findVersion, in the words of permissions and provisioned concurrency: an alias is missed by its own ARN. */
export async function needQualified(rows: Pick<Reader, 'get'>, reference: FunctionReference): Promise<void> {
  const { scope, name, qualifier = '$LATEST' } = reference;
  if (/^[a-zA-Z0-9-_]+$/.test(qualifier) && !isVersion(qualifier)) {
    if (await rows.get(aliases, scope, `${name}/${qualifier}`)) return;
    // Recorded from AWS.
    throw notFound(`Cannot find alias arn: ${arnOfReference(reference)}`);
  }
  await findVersion(rows, reference);
}

/** Under the name it was asked by: an alias's ARN stays the alias's. */
export const shownUnder = (
  configuration: FunctionConfiguration,
  reference: FunctionReference,
): FunctionConfiguration => ({
  ...configuration,
  FunctionArn: arnOfReference(reference),
});

/** Lists leave the states out, as AWS documents for ListFunctions. */
export function listed(
  configuration: FunctionConfiguration,
  qualifier: string | undefined,
): FunctionConfiguration {
  const {
    State: _,
    StateReason: __,
    StateReasonCode: ___,
    LastUpdateStatus: ____,
    LastUpdateStatusReason: _____,
    LastUpdateStatusReasonCode: ______,
    RuntimeVersionConfig: _______,
    ...shown
  } = configuration;
  return qualifier === undefined ? shown : { ...shown, FunctionArn: `${shown.FunctionArn}:${qualifier}` };
}
