/** Rule groups: rules that several web ACLs use. */
import type {
  CheckCapacityRequest,
  CreateRuleGroupRequest,
  DeleteRuleGroupRequest,
  GetRuleGroupRequest,
  ListRuleGroupsRequest,
  RuleGroup,
  UpdateRuleGroupRequest,
} from '@aws-sdk/client-wafv2';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, overLimit, unsupported } from './fault.ts';
import { byArn, change, checkScope, insert, need, newRow, pageOf, remove, summary } from './named.ts';
import { packRules, unpackRules } from './packed-rules.ts';
import type { WafPorts } from './ports.ts';
import { refuseReferred } from './references.ts';
import { type RuleGroupRow, ruleGroups } from './rows.ts';
import { checkRules, groupNamespace } from './rules-check.ts';

export const ruleGroupOperations = ({ store }: WafPorts) => ({
  CheckCapacity: async (input: CheckCapacityRequest) => {
    checkScope(input.Scope);
    return { Capacity: await checkRules(store, { rules: input.Rules, bodies: {}, inGroup: false }) };
  },

  CreateRuleGroup: async (input: CreateRuleGroupRequest, { scope }: Call) => {
    if (input.MonetizationConfig !== undefined) throw unsupported('RULE_GROUP', 'MonetizationConfig');
    const row: RuleGroupRow = {
      ...newRow('rulegroup', scope, input),
      capacity: input.Capacity ?? 0,
      rules: packRules(input.Rules),
      visibility: visibilityOf(input.VisibilityConfig),
      bodies: input.CustomResponseBodies ?? {},
    };
    await store.transaction(async (rows) => {
      const used = await checkRules(rows, { rules: input.Rules, bodies: row.bodies, inGroup: true });
      if (used > row.capacity) throw overLimit(`the rules use ${used} of ${row.capacity} WCUs`);
      await insert(rows, ruleGroups, scope, row);
    });
    return { Summary: summary(row) };
  },

  GetRuleGroup: async (input: GetRuleGroupRequest, { scope }: Call) => {
    const row =
      input.ARN === undefined
        ? await need(store, ruleGroups, scope, input)
        : ((await byArn(store, input.ARN)).row as RuleGroupRow); // its ARN says so
    return { RuleGroup: shown(row), LockToken: row.lockToken };
  },

  UpdateRuleGroup: async (input: UpdateRuleGroupRequest, { scope }: Call) => ({
    NextLockToken: await store.transaction(async (rows) => {
      const before = await need(rows, ruleGroups, scope, input);
      const bodies = input.CustomResponseBodies ?? {};
      const used = await checkRules(rows, { rules: input.Rules, bodies, inGroup: true });
      if (used > before.capacity) throw overLimit(`the rules use ${used} of ${before.capacity} WCUs`);
      return change(rows, ruleGroups, scope, input, ({ description: _, ...row }) => ({
        ...row,
        ...(input.Description !== undefined && { description: input.Description }),
        rules: packRules(input.Rules),
        visibility: visibilityOf(input.VisibilityConfig),
        bodies,
      }));
    }),
  }),

  DeleteRuleGroup: async (input: DeleteRuleGroupRequest, { scope }: Call) => {
    await store.transaction(async (rows) => {
      const { arn } = await remove(rows, ruleGroups, scope, input);
      await refuseReferred(rows, scope, arn);
    });
    return {};
  },

  ListRuleGroups: async (input: ListRuleGroupsRequest, { scope }: Call) => {
    const { items, ...more } = await pageOf(store, ruleGroups, scope, input);
    return { ...more, RuleGroups: items.map(summary) };
  },
});

export function visibilityOf<Config>(config: Config | undefined): Config {
  if (config === undefined) throw invalidParameter('VISIBILITY_CONFIG', '', 'The parameter is required.');
  return config;
}

function shown(row: RuleGroupRow): RuleGroup {
  const rules = unpackRules(row.rules);
  const labels = rules.flatMap(({ RuleLabels = [] }) =>
    RuleLabels.map(({ Name = '' }) => groupNamespace(row) + Name),
  );
  return {
    Name: row.name,
    Id: row.id,
    ARN: row.arn,
    Capacity: row.capacity,
    Description: row.description,
    Rules: rules,
    VisibilityConfig: row.visibility,
    LabelNamespace: groupNamespace(row),
    CustomResponseBodies: { ...row.bodies },
    ...(labels.length > 0 && { AvailableLabels: [...new Set(labels)].map((Name) => ({ Name })) }),
  };
}
