/** The engine's journal: every entry is one transaction over the stack, its resources, events and exports. */
import { randomUUID } from 'node:crypto';
import type { Scope } from '../../base/scope.ts';
import type {
  JournalEntry,
  ResourceEvent,
  StackExport,
  StackJournal,
  StackOutput,
} from '../../base/stack-engine.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import { validationError } from './faults.ts';
import type { CloudFormationPorts } from './ports.ts';
import {
  type EventRow,
  events,
  exportsTable,
  imports,
  putStack,
  resources,
  type StackRow,
  stackNames,
  stacks,
  templates,
} from './rows.ts';

export function createJournal(ports: CloudFormationPorts, scope: Scope, stackId: string): StackJournal {
  return {
    exports: () => ports.store.read((rows) => exportsOf(rows, scope)),
    commit: (entry) =>
      ports.store.transaction(async (rows) => {
        const stack = await rows.get(stacks, scope, stackId);
        if (stack === undefined) throw new Error(`stack ${stackId} is gone`);
        await writeEntry({ rows, scope, stack, atMs: ports.now() }, entry);
      }),
  };
}

export async function exportsOf(rows: Reader, scope: Scope): Promise<StackExport[]> {
  const list: StackExport[] = [];
  for (const { key: name, row } of await rows.list(exportsTable, scope)) {
    const users = await rows.list(imports, scope, { prefix: `${name}/` });
    list.push({ name, ...row, importedBy: users.map((user) => user.row.stackName) });
  }
  return list;
}

interface Writing {
  readonly rows: Transaction;
  readonly scope: Scope;
  readonly stack: StackRow;
  readonly atMs: number;
}

async function writeEntry(writing: Writing, entry: JournalEntry): Promise<void> {
  const { rows, scope, stack, atMs } = writing;
  for (const resource of entry.resources ?? [])
    await rows.put(resources, scope, `${stack.stackId}/${resource.logicalId}`, {
      ...resource,
      updatedMs: atMs,
    });
  for (const id of entry.removed ?? []) await rows.delete(resources, scope, `${stack.stackId}/${id}`);
  for (const event of entry.events ?? []) await putEvent(writing, event);
  if (entry.stack === undefined) return;
  const { status, reason, outputs, settled } = entry.stack;
  const { statusReason: _, ...bare } = stack;
  let next: StackRow = { ...bare, status, ...(reason !== undefined && { statusReason: reason }) };
  if (outputs) {
    await putExports(writing, outputs);
    next = { ...next, outputs };
  }
  if (settled) next = await settle(writing, next, settled);
  if (status === 'DELETE_COMPLETE' || status === 'ROLLBACK_COMPLETE') next = await close(writing, next);
  await putStack(rows, scope, next);
  await putStackEvent({ ...writing, stack: next }, status, reason);
}

export async function putStackEvent(writing: Writing, status: string, reason?: string): Promise<void> {
  const { stackId, stackName } = writing.stack;
  await putEvent(writing, {
    logicalId: stackName,
    physicalId: stackId,
    type: 'AWS::CloudFormation::Stack',
    status,
    ...(reason !== undefined && { reason }),
  });
}

/** Rises with every event of this process; the time before it rises over restarts. */
let sequence = 0;

async function putEvent(
  writing: Writing,
  event: Omit<ResourceEvent, 'status'> & { status: string },
): Promise<void> {
  const { rows, scope, stack, atMs } = writing;
  sequence += 1;
  const ofStack = event.physicalId === stack.stackId;
  const row: Omit<EventRow, 'status'> & { status: string } = {
    ...event,
    eventId: ofStack ? randomUUID() : `${event.logicalId}-${event.status}-${new Date(atMs).toISOString()}`,
    atMs,
    operationId: stack.operationId,
    ...(stack.clientRequestToken !== undefined && { clientRequestToken: stack.clientRequestToken }),
  };
  const key = `${stack.stackId}/${String(atMs).padStart(15, '0')}-${String(sequence).padStart(12, '0')}`;
  await rows.put(events, scope, key, row);
}

async function putExports({ rows, scope, stack }: Writing, outputs: readonly StackOutput[]): Promise<void> {
  for (const { exportName } of stack.outputs)
    if (exportName) await rows.delete(exportsTable, scope, exportName);
  for (const { exportName, value } of outputs) {
    if (exportName === undefined) continue;
    const other = await rows.get(exportsTable, scope, exportName);
    if (other)
      throw validationError(
        `Export with name ${exportName} is already exported by stack ${other.stackId.split('/')[1]}.`,
      );
    await rows.put(exportsTable, scope, exportName, { value, stackId: stack.stackId });
  }
}

/** The stack has become what it was to be, or is again what it was. */
async function settle(writing: Writing, stack: StackRow, which: 'next' | 'previous'): Promise<StackRow> {
  const { rows, scope } = writing;
  const { currentTemplate, nextTemplate, previousTags, ...rest } = stack;
  const next = nextTemplate === undefined ? undefined : await rows.get(templates, scope, nextTemplate);
  const current =
    currentTemplate === undefined ? undefined : await rows.get(templates, scope, currentTemplate);
  const [kept, dropped] = which === 'next' ? [next, current] : [current, next];
  for (const name of dropped?.imports ?? [])
    if (!kept?.imports.includes(name)) await rows.delete(imports, scope, `${name}/${stack.stackId}`);
  const droppedKey = which === 'next' ? currentTemplate : nextTemplate;
  if (droppedKey !== undefined) await rows.delete(templates, scope, droppedKey);
  if (which === 'next')
    return {
      ...rest,
      ...(nextTemplate !== undefined && { currentTemplate: nextTemplate }),
    };
  return {
    ...rest,
    ...(currentTemplate !== undefined && { currentTemplate }),
    parameters: current?.parameters ?? [],
    tags: previousTags ?? stack.tags,
  };
}

/** Nothing of the stack is left: its exports and imports end, and its name is free once it is deleted. */
async function close(writing: Writing, stack: StackRow): Promise<StackRow> {
  const { rows, scope, atMs } = writing;
  for (const key of [stack.currentTemplate, stack.nextTemplate]) {
    const prepared = key === undefined ? undefined : await rows.get(templates, scope, key);
    for (const name of prepared?.imports ?? []) await rows.delete(imports, scope, `${name}/${stack.stackId}`);
  }
  await putExports({ ...writing, stack }, []);
  const closed = { ...stack, outputs: stack.status === 'DELETE_COMPLETE' ? stack.outputs : [] };
  if (stack.status !== 'DELETE_COMPLETE') return { ...closed, deletedMs: atMs };
  const name = await rows.get(stackNames, scope, stack.stackName);
  if (name?.stackId === stack.stackId) await rows.delete(stackNames, scope, stack.stackName);
  return { ...closed, deletedMs: atMs };
}
