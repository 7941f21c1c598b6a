/** Which mappings are polled: one poller for each that is enabled, begun with the service and after every change. */
import type { Scope } from '../../../base/scope.ts';
import { arnOfReference, type FunctionReference } from '../function-reference.ts';
import type { InvokeVersion } from '../invoke.ts';
import type { LambdaRoom } from '../ports.ts';
import { functions } from '../rows.ts';
import { type Poller, RESULTS } from './poller.ts';
import { type MappingRow, mappings } from './rows.ts';
import { createSourceCall } from '../source-call.ts';
import { startSqsPoller } from './sqs-poller.ts';
import { startStreamPoller } from './stream-poller.ts';

export interface Supervisor {
  start(): Promise<void>;
  /** The mapping was made, changed or deleted. */
  changed(scope: Scope, uuid: string): Promise<void>;
  /** LastProcessingResult. */
  result(uuid: string): string;
  /** Nothing more is begun: the services that are polled are about to let go of whoever waits. */
  release(): void;
  stop(): Promise<void>;
}

export function createSupervisor(room: LambdaRoom, invoke: InvokeVersion): Supervisor {
  const pollers = new Map<string, Poller>();
  const results = new Map<string, string>();
  const after = room.after ?? timer;
  let stopped = false;
  /** Changes of the same mapping take effect one after another. */
  let turn: Promise<void> = Promise.resolve();

  const begin = async (scope: Scope, row: MappingRow): Promise<void> => {
    const owner = await room.store.get(functions, scope, row.functionName);
    const roleArn = owner?.configuration.Role ?? '';
    const ports = {
      room,
      scope,
      row,
      functionArn: arnOfReference(functionOf(scope, row)),
      roleArn,
      invoke,
      call: createSourceCall(room, {
        arn: row.sourceArn,
        roleArn,
        sessionName: row.functionName,
        fallback: scope,
      }),
      report: (result: string) => void results.set(row.uuid, result),
    };
    if (stopped) return;
    pollers.set(row.uuid, (row.kind === 'sqs' ? startSqsPoller : startStreamPoller)(ports, after));
  };
  const renew = async (scope: Scope, uuid: string): Promise<void> => {
    const before = pollers.get(uuid);
    pollers.delete(uuid);
    // What it is at may take as long as its function: the next poller does not wait for that.
    void before?.stop();
    const row = await room.store.get(mappings, scope, uuid);
    if (row === undefined) results.delete(uuid);
    if (row?.enabled && !stopped) await begin(scope, row);
  };
  return {
    async start() {
      for (const { scope, row } of await room.store.listAll(mappings))
        if (row.enabled && !pollers.has(row.uuid)) await begin(scope, row);
    },
    changed(scope, uuid) {
      const mine = turn.then(() => renew(scope, uuid));
      turn = mine.catch(() => {});
      return mine;
    },
    result: (uuid) => results.get(uuid) ?? RESULTS.none,
    release() {
      stopped = true;
      for (const poller of pollers.values()) poller.release();
    },
    async stop() {
      stopped = true;
      await turn;
      await Promise.all([...pollers.values()].map((poller) => poller.stop()));
    },
  };
}

export const functionOf = (scope: Scope, { functionName, qualifier }: MappingRow): FunctionReference => ({
  scope,
  name: functionName,
  ...(qualifier !== undefined && { qualifier }),
});

function timer(delayMs: number, work: () => void): () => void {
  const handle = setTimeout(work, delayMs);
  handle.unref();
  return () => clearTimeout(handle);
}
