/** Buses: made, described, changed, deleted; who else may use them. */
import type {
  CreateEventBusRequest,
  CreateEventBusResponse,
  DeleteEventBusRequest,
  DescribeEventBusRequest,
  DescribeEventBusResponse,
  ListEventBusesRequest,
  ListEventBusesResponse,
  PutPermissionRequest,
  RemovePermissionRequest,
  UpdateEventBusRequest,
  UpdateEventBusResponse,
} from '@aws-sdk/client-eventbridge';
import { partitionOf } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { compilePolicy } from '../../lang/policy/compile.ts';
import type { Call } from '../../wire/service.ts';
import { busArn, type BusRow, buses, DEFAULT_BUS, findBus, type FoundBus, rules } from './bus-row.ts';
import { alreadyThere, invalid, limitExceeded, notFound } from './fault.ts';
import { pageOf } from './page.ts';
import type { EventsRoom } from './room.ts';
import { tagsOf } from './tags.ts';

const NAME = /^[.\-_A-Za-z0-9]{1,256}$/;

export const busOperations = (room: EventsRoom) => {
  const { store, now } = room;
  return {
    async CreateEventBus(input: CreateEventBusRequest, { scope }: Call): Promise<CreateEventBusResponse> {
      const name = input.Name ?? '';
      if (input.EventSourceName !== undefined || name.includes('/'))
        throw invalid('Partner event sources: not supported by gatehouse');
      if (!NAME.test(name)) throw invalid(`Event bus name ${name} is not valid.`);
      const row: BusRow = {
        name,
        createdMs: now(),
        modifiedMs: now(),
        ...settingsOf(input),
        tags: tagsOf(input.Tags),
      };
      await store.transaction(async (rows) => {
        if (name === DEFAULT_BUS || (await rows.get(buses, scope, name)))
          throw alreadyThere(`Event bus ${name} already exists.`);
        if ((await rows.list(buses, scope)).length >= limits.eventBuses) throw limitExceeded();
        await rows.put(buses, scope, name, row);
      });
      return { EventBusArn: busArn({ scope, name }), ...shownSettings(input) };
    },

    async UpdateEventBus(input: UpdateEventBusRequest, { scope }: Call): Promise<UpdateEventBusResponse> {
      const bus = await store.transaction(async (rows) => {
        const found = await findBus(rows, scope, input.Name);
        const row = { ...found.row, ...settingsOf(input), modifiedMs: now() };
        await rows.put(buses, found.scope, found.name, row);
        return { ...found, row };
      });
      return { Arn: busArn(bus), Name: bus.name, ...shownSettings(input) };
    },

    async DescribeEventBus(
      input: DescribeEventBusRequest,
      { scope }: Call,
    ): Promise<DescribeEventBusResponse> {
      return show(await findBus(store, scope, input.Name));
    },

    async ListEventBuses(input: ListEventBusesRequest, { scope }: Call): Promise<ListEventBusesResponse> {
      const standard = await findBus(store, scope, DEFAULT_BUS);
      const kept = (await store.list(buses, scope)).filter(({ key }) => key !== DEFAULT_BUS);
      const all = [standard, ...kept.map(({ row }) => ({ scope, name: row.name, row }))]
        .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const { page, NextToken } = pageOf(all, input, ({ name }) => name);
      return { EventBuses: page.map(show), ...NextToken };
    },

    async DeleteEventBus(input: DeleteEventBusRequest, { scope }: Call): Promise<object> {
      const name = input.Name ?? '';
      if (name === DEFAULT_BUS) throw invalid('Cannot delete event bus default.');
      await store.transaction(async (rows) => {
        const [first] = await rows.list(rules, scope, { prefix: `${name}/`, limit: 1 });
        if (first) throw invalid(`Event bus can't be deleted since it has rules.`);
        await rows.delete(buses, scope, name);
      });
      return {};
    },

    async PutPermission(input: PutPermissionRequest, { scope }: Call): Promise<object> {
      await changePolicy(room, scope, input.EventBusName, (bus) => {
        if (input.Policy !== undefined) return checkPolicy(input.Policy);
        const { StatementId, Principal, Action, Condition } = input;
        if (!StatementId || !Principal || !Action)
          throw invalid('Either Policy or all of StatementId, Principal and Action must be provided.');
        const kept = statementsOf(bus).filter(({ Sid }) => Sid !== StatementId);
        const statement = {
          Sid: StatementId,
          Effect: 'Allow',
          Principal:
            Principal === '*' ? '*' : { AWS: `arn:${partitionOf(scope.region)}:iam::${Principal}:root` },
          Action,
          Resource: busArn(bus),
          ...(Condition
            ? { Condition: { [Condition.Type ?? '']: { [Condition.Key ?? '']: Condition.Value } } }
            : {}),
        };
        return JSON.stringify({ Version: '2012-10-17', Statement: [...kept, statement] });
      });
      return {};
    },

    async RemovePermission(input: RemovePermissionRequest, { scope }: Call): Promise<object> {
      await changePolicy(room, scope, input.EventBusName, (bus) => {
        if (input.RemoveAllPermissions) return undefined;
        const all = statementsOf(bus);
        const kept = all.filter(({ Sid }) => Sid !== input.StatementId);
        if (all.length === 0) throw notFound('EventBus does not have a policy.');
        if (kept.length === all.length) throw notFound('Statement with the provided id does not exist.');
        return kept.length > 0 ? JSON.stringify({ Version: '2012-10-17', Statement: kept }) : undefined;
      });
      return {};
    },
  };
};

async function changePolicy(
  { store, now }: EventsRoom,
  scope: Call['scope'],
  name: string | undefined,
  change: (bus: FoundBus) => string | undefined,
): Promise<void> {
  await store.transaction(async (rows) => {
    const bus = await findBus(rows, scope, name);
    const { policy: _, ...rest } = bus.row;
    const policy = change(bus);
    const row = policy === undefined ? rest : { ...rest, policy };
    await rows.put(buses, bus.scope, bus.name, { ...row, modifiedMs: now() });
  });
}

function statementsOf({ row }: FoundBus): readonly { readonly Sid?: string }[] {
  const policy = JSON.parse(row.policy ?? '{"Statement":[]}') as { Statement: readonly { Sid?: string }[] }; // checked when it was set
  return [policy.Statement].flat();
}

function checkPolicy(text: string): string {
  try {
    compilePolicy(text, { kind: 'resource' });
    return text;
  } catch (error) {
    throw new Fault(
      'ValidationException',
      `Policy is not valid: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

type Settings = Pick<CreateEventBusRequest, 'Description' | 'KmsKeyIdentifier' | 'DeadLetterConfig'>;

const settingsOf = ({ Description, KmsKeyIdentifier, DeadLetterConfig }: Settings): Partial<BusRow> => ({
  ...(Description === undefined ? {} : { description: Description }),
  ...(KmsKeyIdentifier === undefined ? {} : { keyId: KmsKeyIdentifier }),
  ...(DeadLetterConfig === undefined ? {} : { deadLetter: DeadLetterConfig }),
});

const shownSettings = ({ Description, KmsKeyIdentifier, DeadLetterConfig }: Settings) => ({
  ...(Description === undefined ? {} : { Description }),
  ...(KmsKeyIdentifier === undefined ? {} : { KmsKeyIdentifier }),
  ...(DeadLetterConfig === undefined ? {} : { DeadLetterConfig }),
});

const show = (bus: FoundBus): DescribeEventBusResponse => ({
  Name: bus.name,
  Arn: busArn(bus),
  ...(bus.row.policy === undefined ? {} : { Policy: bus.row.policy }),
  ...(bus.row.description === undefined ? {} : { Description: bus.row.description }),
  ...(bus.row.keyId === undefined ? {} : { KmsKeyIdentifier: bus.row.keyId }),
  ...(bus.row.deadLetter === undefined ? {} : { DeadLetterConfig: bus.row.deadLetter }),
  ...(bus.row.createdMs === 0
    ? {}
    : { CreationTime: new Date(bus.row.createdMs), LastModifiedTime: new Date(bus.row.modifiedMs) }),
});
