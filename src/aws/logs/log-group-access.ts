/** How callers name a group, by name or ARN, and finding it. */
import { arnOf, parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import { invalidParameter, notFound } from './fault.ts';
import { type LogGroupRow, type LogStreamRow, logGroups, logStreams } from './rows.ts';

export const logGroupArn = (scope: Scope, name: string): string => arnOf(scope, 'logs', `log-group:${name}`);

/** `logGroupName` or `logGroupIdentifier`, of which one must be given. */
export function readGroupName(
  input: { readonly logGroupName?: string | undefined; readonly logGroupIdentifier?: string | undefined },
  scope: Scope,
): string {
  const { logGroupName, logGroupIdentifier } = input;
  if (logGroupName !== undefined && logGroupIdentifier !== undefined)
    // Recorded from AWS.
    throw new Fault(
      'ValidationException',
      'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
      { status: 400 },
    );
  if (logGroupName !== undefined) return logGroupName;
  if (logGroupIdentifier === undefined)
    throw invalidParameter('Either logGroupName or logGroupIdentifier must be specified.');
  return nameOfIdentifier(logGroupIdentifier, scope);
}

/** The name in an ARN, with or without its `:*`; of another account or region nothing is found. */
export function nameOfIdentifier(identifier: string, scope: Scope): string {
  const arn = parseArn(identifier);
  if (arn === undefined) return identifier;
  const [kind, name] = arn.resource.split(':');
  if (arn.service !== 'logs' || kind !== 'log-group' || name === undefined)
    throw invalidParameter('Invalid ARN.');
  if (arn.account !== scope.account || arn.region !== scope.region) throw notFound('log group');
  return name;
}

export async function needGroup(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  name: string | undefined,
): Promise<LogGroupRow> {
  const row = await rows.get(logGroups, scope, name ?? '');
  if (row === undefined) throw notFound('log group');
  return row;
}

export async function needStream(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  names: { readonly group: string; readonly stream: string | undefined },
): Promise<LogStreamRow> {
  await needGroup(rows, scope, names.group);
  const row = await rows.get(logStreams, scope, `${names.group}:${names.stream}`);
  if (row === undefined) throw notFound('log stream');
  return row;
}
