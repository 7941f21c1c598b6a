/**
 * AWS::CloudFormation::WaitConditionHandle, a URL that takes signals, and AWS::CloudFormation::WaitCondition, which
 * waits for a number of them.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-waitcondition.html
 */
import { randomUUID } from 'node:crypto';
import { arnOf } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { ResourceRequest, ResourceType } from '../../base/resource-type.ts';
import type { Scope } from '../../base/scope.ts';
import { unsupported } from './faults.ts';
import type { CloudFormationRoom } from './ports.ts';
import { signals, waitHandles } from './rows.ts';

export interface WaitConditions {
  readonly types: readonly ResourceType[];
  /** Handles of before a restart take signals again. */
  listenAgain(): Promise<void>;
}

interface Signal {
  readonly uniqueId: string;
  readonly status: 'SUCCESS' | 'FAILURE';
  readonly reason?: string;
  readonly data?: string;
}

export function createWaitConditions(room: CloudFormationRoom): WaitConditions {
  const listening = new Map<string, () => void>();
  /** Called when a handle has a new signal, by the handle's token. */
  const waiting = new Map<string, () => void>();

  function listen(scope: Scope, token: string): void {
    if (room.callbacks === undefined || listening.has(token)) return;
    const stop = room.callbacks.listen(token, (body) => {
      const signal = parseSignal(body);
      return signal && remember(scope, token, signal);
    });
    listening.set(token, stop);
  }

  async function remember(scope: Scope, token: string, { uniqueId, ...row }: Signal): Promise<void> {
    await room.store.transaction((rows) => rows.put(signals, scope, `${token}/${uniqueId}`, row));
    waiting.get(token)?.();
  }

  const handle: ResourceType = {
    type: 'AWS::CloudFormation::WaitConditionHandle',
    async create({ scope }) {
      if (room.callbacks === undefined) throw unsupported('Wait conditions without a URL to signal');
      const token = randomUUID();
      await room.store.transaction((rows) => rows.put(waitHandles, scope, token, true));
      listen(scope, token);
      return { physicalId: room.callbacks.url(token) };
    },
    update: async (_, current) => current,
    async delete({ scope }, { physicalId }) {
      const token = tokenOf(physicalId);
      listening.get(token)?.();
      listening.delete(token);
      await room.store.transaction(async (rows) => {
        await rows.delete(waitHandles, scope, token);
        await rows.deleteRange(signals, scope, `${token}/`);
      });
    },
  };

  const condition: ResourceType = {
    type: 'AWS::CloudFormation::WaitCondition',
    async create(request) {
      const { properties, scope, stackName, logicalId } = request;
      if (properties.Handle === undefined || properties.Timeout === undefined)
        throw new Fault('ValidationError', 'WaitCondition: Handle and Timeout are required', { status: 400 });
      const token = tokenOf(String(properties.Handle));
      const count = Number(properties.Count ?? 1);
      const received = await wait(request, token, count);
      return {
        physicalId: arnOf(scope, 'cloudformation', `waitCondition/${stackName}/${randomUUID()}/${logicalId}`),
        attributes: {
          Data: JSON.stringify(
            Object.fromEntries(received.map(({ uniqueId, data }) => [uniqueId, data ?? ''])),
          ),
        },
      };
    },
    delete: async () => {},
  };

  async function wait(
    request: ResourceRequest<Record<string, unknown>>,
    token: string,
    count: number,
  ): Promise<Signal[]> {
    const { scope, signal, properties } = request;
    const seconds = Math.min(Number(properties.Timeout), limits.waitConditionTimeoutSeconds);
    const deadline = room.now() + seconds * 1000;
    for (;;) {
      const changed = Promise.withResolvers<void>();
      waiting.set(token, changed.resolve);
      const received = await signalsOf(scope, token);
      const failed = received.find(({ status }) => status === 'FAILURE');
      if (failed)
        throw new Fault(
          'WaitConditionFailed',
          `WaitCondition received failed message: '${failed.reason ?? ''}' for uniqueId: ${failed.uniqueId}`,
          { status: 400 },
        );
      if (received.length >= count) return received;
      signal.throwIfAborted();
      if (room.now() >= deadline)
        throw new Fault(
          'WaitConditionTimedOut',
          `WaitCondition timed out. Received ${received.length} conditions when expecting ${count}`,
          { status: 400 },
        );
      const timer = setTimeout(changed.resolve, deadline - room.now()).unref();
      signal.addEventListener('abort', changed.resolve as () => void, { once: true });
      await changed.promise;
      clearTimeout(timer);
    }
  }

  async function signalsOf(scope: Scope, token: string): Promise<Signal[]> {
    const entries = await room.store.list(signals, scope, { prefix: `${token}/` });
    return entries.map(({ key, row }) => ({ uniqueId: key.slice(token.length + 1), ...row }));
  }

  return {
    types: [handle, condition],
    async listenAgain() {
      for (const { key: token, scope } of await room.store.listAll(waitHandles)) listen(scope, token);
    },
  };
}

const tokenOf = (url: string): string => decodeURIComponent(url.split('/').at(-1) ?? '');

function parseSignal(body: Uint8Array): Signal | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    if (typeof value !== 'object' || value === null) return undefined;
    const { Status, UniqueId, Reason, Data } = value as Readonly<Record<string, unknown>>; // each is checked below
    if (Status !== 'SUCCESS' && Status !== 'FAILURE') return undefined;
    return {
      status: Status,
      uniqueId: String(UniqueId ?? randomUUID()),
      ...(Reason !== undefined && { reason: String(Reason) }),
      ...(Data !== undefined && { data: String(Data) }),
    };
  } catch {
    return undefined;
  }
}
