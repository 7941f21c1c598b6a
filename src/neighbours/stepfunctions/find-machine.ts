/** Which machine, revision, version or alias an ARN means. */
import { Fault } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import {
  aliases,
  type AliasRow,
  partsOf,
  type StateMachineRow,
  stateMachines,
  versionKey,
  type VersionRow,
  versions,
} from './rows.ts';

export interface FoundMachine {
  readonly machine: StateMachineRow;
  readonly revisionId: string;
  readonly version?: VersionRow;
  readonly alias?: AliasRow;
}

const missing = (arn: string | undefined): Fault =>
  new Fault('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);

/** Throws InvalidArn, StateMachineDoesNotExist. `roll` draws between the versions of an alias, 0 to 1. */
export async function findMachine(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  arn: string | undefined,
  roll = 0,
): Promise<FoundMachine> {
  const { parts } = partsOf(arn, ['stateMachine']);
  const [name = '', qualifier] = parts;
  const [machineName = ''] = name.split('/');
  const machine = await rows.get(stateMachines, scope, machineName);
  if (machine === undefined || parts.length > 2) throw missing(arn);
  if (qualifier === undefined) return { machine, revisionId: machine.revisionId };
  if (/^\d+$/.test(qualifier)) {
    const version = await findVersion(rows, scope, machineName, Number(qualifier), arn);
    return { machine, revisionId: version.revisionId, version };
  }
  const alias = await rows.get(aliases, scope, `${machineName}/${qualifier}`);
  if (alias === undefined) throw missing(arn);
  const version = await findVersion(rows, scope, machineName, drawn(alias, roll), arn);
  return { machine, revisionId: version.revisionId, version, alias };
}

async function findVersion(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  machine: string,
  number: number,
  arn: string | undefined,
): Promise<VersionRow> {
  const version = await rows.get(versions, scope, versionKey(machine, number));
  if (version === undefined) throw missing(arn);
  return version;
}

/** Weights are percents that add up to a hundred. */
function drawn({ routes }: AliasRow, roll: number): number {
  let left = roll * 100;
  for (const { version, weight } of routes) {
    if (left < weight) return version;
    left -= weight;
  }
  return routes.at(-1)?.version ?? 0;
}

export const ofAlias = (arn: string | undefined): { machine: string; name: string } => {
  const { parts } = partsOf(arn, ['stateMachine']);
  const [machine = '', name = ''] = parts;
  if (parts.length !== 2 || /^\d+$/.test(name))
    throw new Fault('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: stateMachine'`);
  return { machine, name };
};
