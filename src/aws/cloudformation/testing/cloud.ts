/** CloudFormation over a store in memory and fake resource types, for tests. */
import { randomBytes } from 'node:crypto';
import { silentLog } from '../../../base/log.ts';
import type { CallOperation } from '../../../base/ports.ts';
import { createStackEngine } from '../../../deploy/engine.ts';
import { type FakeWorld, fakeWorld, stackIdentity } from '../../../deploy/testing/fake-world.ts';
import { createMemoryStore } from '../../../store/memory.ts';
import type { Store } from '../../../store/store.ts';
import type { Call, Handler, ServiceInstance } from '../../../wire/service.ts';
import type { CloudFormationPorts } from '../ports.ts';
import { createCloudFormation } from '../service.ts';

export interface Cloud {
  readonly world: FakeWorld;
  readonly store: Store;
  readonly service: ServiceInstance;
  /** Runs an operation as an SDK would. */
  call<Output = Record<string, unknown>>(operation: string, input: object): Promise<Output>;
  /** Waits until a stack rests. */
  status(stackName: string): Promise<string>;
  /** The same store under a new service, as after a restart. */
  restart(): Cloud;
}

export function openCloud(
  world = fakeWorld(),
  store = createMemoryStore(),
  more: Partial<CloudFormationPorts> = {},
): Cloud {
  let service: ServiceInstance | undefined;
  const callOwn: CallOperation = async ({ service: id, operation, input }) => {
    if (id === 'cloudformation') return call(operation, input);
    const answer = world.answers.get(`${id}.${operation}`);
    if (answer === undefined) throw new Error(`no ${id}.${operation}`);
    return answer(input);
  };
  const engine = createStackEngine({
    call: callOwn,
    resourceTypes: async (type) =>
      service?.resourceTypes?.find((one) => one.type === type) ?? world.types.get(type),
  });
  service = createCloudFormation({
    store,
    now: Date.now,
    random: randomBytes,
    log: silentLog,
    call: callOwn,
    engine,
    ...more,
  });
  const { handlers } = service;
  async function call<Output>(operation: string, input: object): Promise<Output> {
    const handler = handlers[operation] as Handler<object> | undefined; // tests hand in the right shape
    if (handler === undefined) throw new Error(`no operation ${operation}`);
    return (await handler(input, testCall)) as Output;
  }
  return {
    world,
    store,
    service,
    call,
    async status(stackName) {
      for (;;) {
        const { Stacks } = await call<{ Stacks: { StackStatus: string }[] }>('DescribeStacks', {
          StackName: stackName,
        });
        const status = Stacks[0]?.StackStatus ?? '';
        if (!status.endsWith('_IN_PROGRESS') || status === 'REVIEW_IN_PROGRESS') return status;
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    restart: () => openCloud(world, store, more),
  };
}

const testCall: Call = {
  scope: stackIdentity.scope,
  caller: stackIdentity.caller,
  requestId: 'test',
  endpoint: 'http://127.0.0.1:4566',
  header: () => undefined,
  setStatus: () => {},
  signal: new AbortController().signal,
};
