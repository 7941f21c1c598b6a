/** A house of fakes for the engine's tests: resource types that only remember, a journal in memory. */
import { Fault } from '../../base/fault.ts';
import type { ResourceType } from '../../base/resource-type.ts';
import type {
  GivenParameter,
  JournalEntry,
  PreparedStack,
  StackEngine,
  StackExport,
  StackIdentity,
  StackOperation,
  StackOutput,
  StackResource,
  StackStatus,
} from '../../base/stack-engine.ts';
import { createStackEngine } from '../engine.ts';

export interface FakeWorld {
  readonly engine: StackEngine;
  readonly types: ReadonlyMap<string, ResourceType>;
  /** What exists: physical id to `{type} {properties}`. */
  readonly things: Map<string, { readonly type: string; readonly properties: Record<string, unknown> }>;
  /** `create Topic`, in the order begun. */
  readonly calls: string[];
  /** `create Topic` -> fails once more so often. */
  readonly failures: Map<string, number>;
  /** `create Topic` -> never answers before its signal aborts. */
  readonly hangs: Set<string>;
  /** Answers of operations by `service.Operation`. */
  readonly answers: Map<string, (input: object) => unknown>;
}

type Remembered = Omit<FakeWorld, 'engine' | 'types'>;

const TYPES = [
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::SSM::Parameter',
  'AWS::S3::Bucket',
  'AWS::IAM::Role',
  'AWS::Lambda::Function',
  'AWS::ApiGateway::RestApi',
  'AWS::CloudFormation::CustomResource',
];

export function fakeWorld(): FakeWorld {
  const world: Remembered = {
    things: new Map(),
    calls: [],
    failures: new Map(),
    hangs: new Set(),
    answers: new Map(),
  };
  const types = new Map(TYPES.map((type) => [type, fakeType(type, world)]));
  const engine = createStackEngine({
    resourceTypes: async (type) => types.get(type),
    call: async ({ service, operation, input }) => {
      const answer = world.answers.get(`${service}.${operation}`);
      if (!answer) throw new Fault('UnknownOperationException', `${service}.${operation}`);
      return answer(input);
    },
  });
  return { ...world, engine, types };
}

function fakeType(type: string, world: Remembered): ResourceType {
  const attempt = async (verb: string, logicalId: string, signal: AbortSignal): Promise<void> => {
    const call = `${verb} ${logicalId}`;
    world.calls.push(call);
    if (world.hangs.has(call))
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const left = world.failures.get(call) ?? 0;
    if (left === 0) return;
    world.failures.set(call, left - 1);
    throw new Fault('Refused', `no ${call}`);
  };
  const stateOf = (physicalId: string) => ({ physicalId, attributes: { Arn: `arn:${physicalId}` } });
  return {
    type,
    async create(request) {
      await attempt('create', request.logicalId, request.signal);
      const name = request.properties.Name ?? request.properties.BucketName ?? request.physicalName();
      if (world.things.has(String(name))) throw new Fault('ResourceAlreadyExists', `${String(name)} exists`);
      world.things.set(String(name), { type, properties: request.properties });
      return stateOf(String(name));
    },
    async update(request, current) {
      await attempt('update', request.logicalId, request.signal);
      world.things.set(current.physicalId, { type, properties: request.properties });
      return stateOf(current.physicalId);
    },
    async delete(request, current) {
      await attempt('delete', request.logicalId, request.signal);
      world.things.delete(current.physicalId);
    },
  };
}

export const stackIdentity: StackIdentity = {
  stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/shop/0e0f',
  stackName: 'shop',
  scope: { account: '123456789012', region: 'us-east-1' },
  caller: {
    kind: 'root',
    account: '123456789012',
    arn: 'arn:aws:iam::123456789012:root',
    accessKeyId: 'test',
  },
  tags: {},
  notificationArns: [],
};

/** A stack that remembers in memory what its journal is told. */
export class FakeStack {
  status: StackStatus = 'REVIEW_IN_PROGRESS';
  current: PreparedStack | undefined;
  outputs: readonly StackOutput[] = [];
  readonly resources = new Map<string, StackResource>();
  /** `{logicalId or stack} {status} {reason}` */
  readonly events: string[] = [];
  exports: StackExport[] = [];
  /** After how many commits the server dies. */
  commitsLeft = Number.POSITIVE_INFINITY;
  private readonly world: FakeWorld;
  private operations = 0;

  constructor(world: FakeWorld) {
    this.world = world;
  }

  prepare(template: string | object, parameters: readonly GivenParameter[] = []): Promise<PreparedStack> {
    return this.world.engine.prepare({
      template: typeof template === 'string' ? template : JSON.stringify(template),
      parameters,
      ...(this.current && { previous: this.current }),
      stack: stackIdentity,
      exports: this.exports,
    });
  }

  async deploy(template: string | object, more: Partial<StackOperation> = {}): Promise<StackStatus> {
    const next = await this.prepare(template);
    return this.run(this.current ? 'UPDATE_IN_PROGRESS' : 'CREATE_IN_PROGRESS', { next, ...more });
  }

  delete(): Promise<StackStatus> {
    return this.run('DELETE_IN_PROGRESS');
  }

  async run(status: StackStatus, more: Partial<StackOperation> = {}): Promise<StackStatus> {
    this.status = status;
    this.operations += 1;
    return this.resume({ operationId: `operation-${this.operations}`, ...more });
  }

  async resume(more: Partial<StackOperation> & { readonly operationId: string }): Promise<StackStatus> {
    await this.world.engine.run({
      stack: stackIdentity,
      status: this.status,
      ...(this.current && { previous: this.current }),
      onFailure: 'ROLLBACK',
      skip: [],
      resources: [...this.resources.values()],
      journal: { commit: (entry) => this.commit(entry, more.next), exports: async () => this.exports },
      cancel: new AbortController().signal,
      halt: new AbortController().signal,
      ...more,
    });
    return this.status;
  }

  private async commit(entry: JournalEntry, next: PreparedStack | undefined): Promise<void> {
    if (this.commitsLeft === 0) throw new Error('killed');
    this.commitsLeft -= 1;
    for (const { logicalId, status, reason } of entry.events ?? [])
      this.events.push([logicalId, status, reason].filter((part) => part !== undefined).join(' '));
    // What a row holds has been through JSON.
    for (const resource of entry.resources ?? [])
      this.resources.set(resource.logicalId, JSON.parse(JSON.stringify(resource)));
    for (const id of entry.removed ?? []) this.resources.delete(id);
    if (entry.stack === undefined) return;
    this.status = entry.stack.status;
    this.events.push(
      ['stack', entry.stack.status, entry.stack.reason].filter((part) => part !== undefined).join(' '),
    );
    if (entry.stack.settled === 'next') this.current = next;
    this.outputs = entry.stack.outputs ?? this.outputs;
  }
}
