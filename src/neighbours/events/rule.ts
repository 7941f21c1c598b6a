/** Rules and their targets. */
import type {
  DeleteRuleRequest,
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  EnableRuleRequest,
  ListRuleNamesByTargetRequest,
  ListRuleNamesByTargetResponse,
  ListRulesRequest,
  ListRulesResponse,
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutRuleRequest,
  PutRuleResponse,
  PutTargetsRequest,
  PutTargetsResponse,
  RemoveTargetsRequest,
  RemoveTargetsResponse,
  Rule,
  RuleState,
  TestEventPatternRequest,
  TestEventPatternResponse,
} from '@aws-sdk/client-eventbridge';
import { limits } from '../../base/limits.ts';
import { parseSchedule } from '../../lang/cron/schedule.ts';
import { compileEventPattern } from '../../lang/event-pattern/compile.ts';
import { isRecord } from '../../lang/event-pattern/pattern-error.ts';
import type { Call } from '../../wire/service.ts';
import { DEFAULT_BUS, findBus, findRule, type FoundRule, ruleArn, ruleKey, rules } from './bus-row.ts';
import { invalid, invalidPattern, limitExceeded } from './fault.ts';
import { pageOf } from './page.ts';
import type { EventsRoom } from './room.ts';
import type { RuleSchedules } from './rule-schedules.ts';
import { tagsOf } from './tags.ts';
import { checkTarget } from './target-check.ts';

export const ruleOperations = (room: EventsRoom, schedules: RuleSchedules) => {
  const { store } = room;

  const setState = async (
    input: EnableRuleRequest | DisableRuleRequest,
    call: Call,
    state: RuleState,
  ): Promise<object> => {
    const changed = await store.transaction(async (rows) => {
      const { scope, row } = await findRule(rows, call.scope, input.Name, input.EventBusName);
      const after = schedules.withDue({ ...row, state });
      await rows.put(rules, scope, ruleKey(row.bus, row.name), after);
      return { scope, row: after };
    });
    schedules.watch(changed.scope, changed.row);
    return {};
  };

  return {
    async PutRule(input: PutRuleRequest, { scope, caller }: Call): Promise<PutRuleResponse> {
      const name = input.Name ?? '';
      checkTrigger(input);
      const made = await store.transaction(async (rows) => {
        const bus = await findBus(rows, scope, input.EventBusName);
        if (input.ScheduleExpression && bus.name !== DEFAULT_BUS)
          throw invalid('ScheduleExpression is supported only on the default event bus.');
        const before = await rows.get(rules, bus.scope, ruleKey(bus.name, name));
        const all = before ? [] : await rows.list(rules, bus.scope, { prefix: `${bus.name}/` });
        if (all.length >= limits.eventRules) throw limitExceeded();
        const row = schedules.withDue({
          name,
          bus: bus.name,
          ...(input.EventPattern ? { pattern: input.EventPattern } : {}),
          ...(input.ScheduleExpression ? { schedule: input.ScheduleExpression } : {}),
          ...(input.Description === undefined ? {} : { description: input.Description }),
          ...(input.RoleArn === undefined ? {} : { roleArn: input.RoleArn }),
          state: input.State ?? 'ENABLED',
          targets: before?.targets ?? [],
          tags: before?.tags ?? tagsOf(input.Tags),
          createdBy: before?.createdBy ?? caller.account,
          createdMs: before?.createdMs ?? room.now(),
        });
        await rows.put(rules, bus.scope, ruleKey(bus.name, name), row);
        return { scope: bus.scope, row };
      });
      schedules.watch(made.scope, made.row);
      return { RuleArn: ruleArn(made.scope, made.row) };
    },

    async DescribeRule(input: DescribeRuleRequest, { scope }: Call): Promise<DescribeRuleResponse> {
      const found = await findRule(store, scope, input.Name, input.EventBusName);
      return { ...show(found), CreatedBy: found.row.createdBy };
    },

    async ListRules(input: ListRulesRequest, { scope }: Call): Promise<ListRulesResponse> {
      const bus = await findBus(store, scope, input.EventBusName);
      const prefix = ruleKey(bus.name, input.NamePrefix ?? '');
      const found = await store.list(rules, bus.scope, { prefix });
      const { page, NextToken } = pageOf(found, input, ({ key }) => key);
      return { Rules: page.map(({ row }) => show({ scope: bus.scope, row })), ...NextToken };
    },

    EnableRule: (input: EnableRuleRequest, call: Call) => setState(input, call, 'ENABLED'),
    DisableRule: (input: DisableRuleRequest, call: Call) => setState(input, call, 'DISABLED'),

    async DeleteRule(input: DeleteRuleRequest, { scope }: Call): Promise<object> {
      await store.transaction(async (rows) => {
        const bus = await findBus(rows, scope, input.EventBusName);
        const row = await rows.get(rules, bus.scope, ruleKey(bus.name, input.Name ?? ''));
        if (row === undefined) return;
        if (row.targets.length > 0) throw invalid(`Rule can't be deleted since it has targets.`);
        await rows.delete(rules, bus.scope, ruleKey(bus.name, row.name));
        schedules.forget(bus.scope, row);
      });
      return {};
    },

    async PutTargets(input: PutTargetsRequest, { scope }: Call): Promise<PutTargetsResponse> {
      const given = input.Targets ?? [];
      for (const target of given) checkTarget(target);
      await store.transaction(async (rows) => {
        const found = await findRule(rows, scope, input.Rule, input.EventBusName);
        const ids = given.map(({ Id }) => Id);
        const kept = found.row.targets.filter(({ Id }) => !ids.includes(Id));
        if (kept.length + given.length > limits.eventTargets) throw limitExceeded();
        const row = { ...found.row, targets: [...kept, ...given] };
        await rows.put(rules, found.scope, ruleKey(row.bus, row.name), row);
      });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    async RemoveTargets(input: RemoveTargetsRequest, { scope }: Call): Promise<RemoveTargetsResponse> {
      await store.transaction(async (rows) => {
        const { scope: owner, row } = await findRule(rows, scope, input.Rule, input.EventBusName);
        const targets = row.targets.filter(({ Id }) => !input.Ids?.includes(Id ?? ''));
        await rows.put(rules, owner, ruleKey(row.bus, row.name), { ...row, targets });
      });
      return { FailedEntryCount: 0, FailedEntries: [] };
    },

    async ListTargetsByRule(
      input: ListTargetsByRuleRequest,
      { scope }: Call,
    ): Promise<ListTargetsByRuleResponse> {
      const { row } = await findRule(store, scope, input.Rule, input.EventBusName);
      const { page, NextToken } = pageOf(row.targets, input, ({ Id }) => Id ?? '');
      return { Targets: page, ...NextToken };
    },

    async ListRuleNamesByTarget(
      input: ListRuleNamesByTargetRequest,
      { scope }: Call,
    ): Promise<ListRuleNamesByTargetResponse> {
      const bus = await findBus(store, scope, input.EventBusName);
      const all = await store.list(rules, bus.scope, { prefix: `${bus.name}/` });
      const names = all
        .filter(({ row }) => row.targets.some(({ Arn }) => Arn === input.TargetArn))
        .map(({ row }) => row.name);
      const { page, NextToken } = pageOf(names, input, (name) => name);
      return { RuleNames: page, ...NextToken };
    },

    async TestEventPattern(input: TestEventPatternRequest): Promise<TestEventPatternResponse> {
      const fits = patternOf(input.EventPattern ?? '');
      return { Result: fits(testEventOf(input.Event ?? '')) };
    },
  };
};

function checkTrigger({ EventPattern: pattern, ScheduleExpression: schedule }: PutRuleRequest): void {
  if (!pattern && !schedule)
    throw invalid('Parameter(s) EventPattern or ScheduleExpression must be specified.');
  if (pattern) patternOf(pattern);
  if (!schedule) return;
  const parsed = parseSchedule(schedule);
  if (parsed === undefined || parsed.kind === 'at')
    throw invalid('Parameter ScheduleExpression is not valid.');
}

/** Throws InvalidEventPatternException. */
export function patternOf(text: string): (event: unknown) => boolean {
  try {
    return compileEventPattern(text);
  } catch (error) {
    throw invalidPattern(error instanceof Error ? error.message : String(error));
  }
}

const REQUIRED = ['id', 'detail-type', 'source', 'account', 'time', 'region', 'resources'];

function testEventOf(text: string): unknown {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    throw invalid('Parameter Event is not valid. Reason: it is no JSON');
  }
  if (!isRecord(event)) throw invalid('Parameter Event is not valid. Reason: it is no object');
  const missing = REQUIRED.find((name) => !(name in event));
  if (missing !== undefined) throw invalid(`Parameter Event is not valid. Reason: Missing field: ${missing}`);
  return event;
}

const show = ({ scope, row }: FoundRule): Rule => ({
  Name: row.name,
  Arn: ruleArn(scope, row),
  ...(row.pattern === undefined ? {} : { EventPattern: row.pattern }),
  ...(row.schedule === undefined ? {} : { ScheduleExpression: row.schedule }),
  ...(row.description === undefined ? {} : { Description: row.description }),
  ...(row.roleArn === undefined ? {} : { RoleArn: row.roleArn }),
  State: row.state,
  EventBusName: row.bus,
});
