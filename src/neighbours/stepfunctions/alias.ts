/** Aliases: one or two versions by weight. */
import type {
  CreateStateMachineAliasInput,
  CreateStateMachineAliasOutput,
  DeleteStateMachineAliasInput,
  DescribeStateMachineAliasInput,
  DescribeStateMachineAliasOutput,
  ListStateMachineAliasesInput,
  ListStateMachineAliasesOutput,
  RoutingConfigurationListItem,
  UpdateStateMachineAliasInput,
  UpdateStateMachineAliasOutput,
} from '@aws-sdk/client-sfn';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { findMachine, ofAlias } from './find-machine.ts';
import { pageOf } from './page.ts';
import type { StatesRoom } from './room.ts';
import { aliases, type AliasRow, machineArn, partsOf } from './rows.ts';
import { checkName } from './state-machine.ts';

type Rows = Pick<Reader, 'get'>;

export const aliasOperations = ({ store, now }: StatesRoom) => ({
  async CreateStateMachineAlias(
    input: CreateStateMachineAliasInput,
    { scope }: Call,
  ): Promise<CreateStateMachineAliasOutput> {
    const name = checkName(input.name);
    const made = await store.transaction(async (rows) => {
      const { machine, routes } = await routesOf(rows, scope, input.routingConfiguration);
      const key = `${machine}/${name}`;
      const before = await rows.get(aliases, scope, key);
      if (before !== undefined) {
        const isSame =
          before.description === input.description &&
          JSON.stringify(before.routes) === JSON.stringify(routes);
        if (isSame) return before;
        throw new Fault('ConflictException', 'State Machine Alias with the name already exists.');
      }
      const all = await rows.list(aliases, scope, { prefix: `${machine}/` });
      if (all.length >= limits.stepFunctionsAliases)
        throw new Fault(
          'ServiceQuotaExceededException',
          'You have reached the maximum number of aliases allowed.',
        );
      const at = now();
      const row: AliasRow = {
        machine,
        name,
        routes,
        createdAt: at,
        updatedAt: at,
        ...(input.description !== undefined && { description: input.description }),
      };
      await rows.put(aliases, scope, key, row);
      return row;
    });
    return { stateMachineAliasArn: arnOfAlias(scope, made), creationDate: new Date(made.createdAt) };
  },

  async UpdateStateMachineAlias(
    input: UpdateStateMachineAliasInput,
    { scope }: Call,
  ): Promise<UpdateStateMachineAliasOutput> {
    const at = now();
    await store.transaction(async (rows) => {
      const row = await find(rows, scope, input.stateMachineAliasArn);
      const routes = input.routingConfiguration
        ? (await routesOf(rows, scope, input.routingConfiguration)).routes
        : row.routes;
      await rows.put(aliases, scope, `${row.machine}/${row.name}`, {
        ...row,
        routes,
        updatedAt: at,
        ...(input.description !== undefined && { description: input.description }),
      });
    });
    return { updateDate: new Date(at) };
  },

  async DescribeStateMachineAlias(
    input: DescribeStateMachineAliasInput,
    { scope }: Call,
  ): Promise<DescribeStateMachineAliasOutput> {
    const row = await find(store, scope, input.stateMachineAliasArn);
    return {
      stateMachineAliasArn: arnOfAlias(scope, row),
      name: row.name,
      description: row.description,
      routingConfiguration: row.routes.map(({ version, weight }) => ({
        stateMachineVersionArn: `${machineArn(scope, row.machine)}:${version}`,
        weight,
      })),
      creationDate: new Date(row.createdAt),
      updateDate: new Date(row.updatedAt),
    };
  },

  async ListStateMachineAliases(
    input: ListStateMachineAliasesInput,
    { scope }: Call,
  ): Promise<ListStateMachineAliasesOutput> {
    const { parts } = partsOf(input.stateMachineArn, ['stateMachine']);
    const [machine = '', version] = parts;
    const all = await store.list(aliases, scope, { prefix: `${machine}/` });
    const wanted = all.filter(
      ({ row }) => version === undefined || row.routes.some((route) => String(route.version) === version),
    );
    const { items, nextToken } = pageOf(wanted, input);
    return {
      stateMachineAliases: items.map(({ row }) => ({
        stateMachineAliasArn: arnOfAlias(scope, row),
        creationDate: new Date(row.createdAt),
      })),
      ...(nextToken !== undefined && { nextToken }),
    };
  },

  async DeleteStateMachineAlias(input: DeleteStateMachineAliasInput, { scope }: Call): Promise<object> {
    const { machine, name } = ofAlias(input.stateMachineAliasArn);
    await store.transaction((rows) => rows.delete(aliases, scope, `${machine}/${name}`));
    return {};
  },
});

const arnOfAlias = (scope: Scope, { machine, name }: AliasRow): string =>
  `${machineArn(scope, machine)}:${name}`;

async function find(rows: Rows, scope: Scope, arn: string | undefined): Promise<AliasRow> {
  const { machine, name } = ofAlias(arn);
  const row = await rows.get(aliases, scope, `${machine}/${name}`);
  if (row === undefined)
    throw new Fault('ResourceNotFound', `Request references a resource that does not exist: ${arn}`);
  return row;
}

async function routesOf(
  rows: Rows,
  scope: Scope,
  given: readonly RoutingConfigurationListItem[] | undefined,
): Promise<{ machine: string; routes: AliasRow['routes'] }> {
  const list = given ?? [];
  const invalid = (why: string): Fault => new Fault('ValidationException', why);
  if (list.length < 1 || list.length > 2)
    throw invalid('Routing configuration must contain one or two versions.');
  if (list.reduce((sum, { weight = 0 }) => sum + weight, 0) !== 100)
    throw invalid('Sum of routing configuration weights must equal 100.');
  const found = await Promise.all(
    list.map(({ stateMachineVersionArn }) => findMachine(rows, scope, stateMachineVersionArn)),
  );
  const names = new Set(found.map(({ machine }) => machine.name));
  const [machine = ''] = names;
  if (names.size > 1) throw invalid('All versions of a routing configuration must be of one state machine.');
  return {
    machine,
    routes: found.map(({ version }, index) => {
      if (version === undefined) throw invalid('A routing configuration names versions, not state machines.');
      return { version: version.version, weight: list[index]?.weight ?? 0 };
    }),
  };
}
