/** Versions: a revision with a number, which never changes. */
import type {
  DeleteStateMachineVersionInput,
  ListStateMachineVersionsInput,
  ListStateMachineVersionsOutput,
  PublishStateMachineVersionInput,
  PublishStateMachineVersionOutput,
} from '@aws-sdk/client-sfn';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { findMachine } from './find-machine.ts';
import { pageOf } from './page.ts';
import type { StatesRoom } from './room.ts';
import {
  aliases,
  machineArn,
  partsOf,
  type StateMachineRow,
  stateMachines,
  versionKey,
  type VersionRow,
  versions,
} from './rows.ts';

/** The version of the machine's present revision; publishing it again gives the same one. */
export async function publish(
  rows: Transaction,
  scope: Scope,
  machine: StateMachineRow,
  description: string | undefined,
  createdAt: number,
): Promise<VersionRow> {
  const all = await rows.list(versions, scope, { prefix: `${machine.name}/` });
  const same = all.find(({ row }) => row.revisionId === machine.revisionId);
  if (same !== undefined) return same.row;
  if (all.length >= limits.stepFunctionsVersions)
    throw new Fault(
      'ServiceQuotaExceededException',
      'You have reached the maximum number of versions allowed.',
    );
  const version: VersionRow = {
    version: machine.lastVersion + 1,
    revisionId: machine.revisionId,
    createdAt,
    ...(description !== undefined && { description }),
  };
  await rows.put(versions, scope, versionKey(machine.name, version.version), version);
  await rows.put(stateMachines, scope, machine.name, { ...machine, lastVersion: version.version });
  return version;
}

export const versionOperations = ({ store, now }: StatesRoom) => ({
  async PublishStateMachineVersion(
    input: PublishStateMachineVersionInput,
    { scope }: Call,
  ): Promise<PublishStateMachineVersionOutput> {
    const version = await store.transaction(async (rows) => {
      const { machine } = await findMachine(rows, scope, input.stateMachineArn);
      if (input.revisionId !== undefined && input.revisionId !== machine.revisionId)
        throw new Fault(
          'ConflictException',
          `The revision ID ${input.revisionId} is not the latest revision of the state machine.`,
        );
      return publish(rows, scope, machine, input.description, now());
    });
    return {
      creationDate: new Date(version.createdAt),
      stateMachineVersionArn: `${input.stateMachineArn}:${version.version}`,
    };
  },

  async ListStateMachineVersions(
    input: ListStateMachineVersionsInput,
    { scope }: Call,
  ): Promise<ListStateMachineVersionsOutput> {
    const { parts } = partsOf(input.stateMachineArn, ['stateMachine']);
    const found = await store.list(versions, scope, { prefix: `${parts[0]}/`, reverse: true });
    const { items, nextToken } = pageOf(found, input);
    return {
      stateMachineVersions: items.map(({ row }) => ({
        stateMachineVersionArn: `${machineArn(scope, parts[0] ?? '')}:${row.version}`,
        creationDate: new Date(row.createdAt),
      })),
      ...(nextToken !== undefined && { nextToken }),
    };
  },

  async DeleteStateMachineVersion(input: DeleteStateMachineVersionInput, { scope }: Call): Promise<object> {
    const { parts } = partsOf(input.stateMachineVersionArn, ['stateMachine']);
    const [machine = '', number = ''] = parts;
    if (!/^\d+$/.test(number))
      throw new Fault('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: stateMachine'`);
    await store.transaction(async (rows) => {
      const named = await rows.list(aliases, scope, { prefix: `${machine}/` });
      if (named.some(({ row }) => row.routes.some(({ version }) => version === Number(number))))
        throw new Fault(
          'ConflictException',
          `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${named.map(({ row }) => row.name).join(', ')}]`,
        );
      await rows.delete(versions, scope, versionKey(machine, Number(number)));
    });
    return {};
  },
});
