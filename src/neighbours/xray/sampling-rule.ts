/** Rules of sampling: https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html */
import type {
  CreateSamplingRuleRequest,
  CreateSamplingRuleResult,
  DeleteSamplingRuleRequest,
  DeleteSamplingRuleResult,
  GetSamplingRulesResult,
  GetSamplingStatisticSummariesResult,
  GetSamplingTargetsRequest,
  GetSamplingTargetsResult,
  SamplingRule,
  SamplingRuleRecord,
  UpdateSamplingRuleRequest,
  UpdateSamplingRuleResult,
} from '@aws-sdk/client-xray';
import { arnOf } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { invalidRequest, limitExceeded } from './faults.ts';
import type { XRayPorts } from './ports.ts';

interface RuleRow {
  readonly rule: SamplingRule;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** Key: the rule's name. */
export const samplingRules = table<RuleRow>('xray.sampling-rules');

/** What holds where no other rule does: one a second, and five in a hundred of the rest. */
export const defaultRule = (scope: Scope): SamplingRule => ({
  RuleName: 'Default',
  RuleARN: arnOf(scope, 'xray', 'sampling-rule/Default'),
  ResourceARN: '*',
  Priority: 10_000,
  FixedRate: 0.05,
  ReservoirSize: 1,
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  Version: 1,
  Attributes: {},
});

/** By priority, then by name. */
export async function rulesOf(rows: Pick<Reader, 'list'>, scope: Scope): Promise<RuleRow[]> {
  const own = (await rows.list(samplingRules, scope)).map(({ row }) => row);
  const all = own.some(({ rule }) => rule.RuleName === 'Default')
    ? own
    : [...own, { rule: defaultRule(scope), createdAt: 0, modifiedAt: 0, tags: {} }];
  return all.toSorted(
    (a, b) =>
      (a.rule.Priority ?? 0) - (b.rule.Priority ?? 0) ||
      ((a.rule.RuleName ?? '') < (b.rule.RuleName ?? '') ? -1 : 1),
  );
}

const show = ({ rule, createdAt, modifiedAt }: RuleRow): SamplingRuleRecord => ({
  SamplingRule: rule,
  CreatedAt: new Date(createdAt),
  ModifiedAt: new Date(modifiedAt),
});

export const samplingRuleOperations = (ports: XRayPorts) => ({
  async CreateSamplingRule(
    { SamplingRule: rule = undefined, Tags = [] }: CreateSamplingRuleRequest,
    { scope }: Call,
  ): Promise<CreateSamplingRuleResult> {
    const name = rule?.RuleName ?? '';
    if (rule === undefined || !/^[A-Za-z0-9 _.:/%&#=+\-@]{1,32}$/.test(name))
      throw invalidRequest('Invalid rule name.');
    if (rule.SamplingRateBoost !== undefined)
      throw invalidRequest('SamplingRateBoost: not supported by gatehouse');
    const nowMs = ports.now();
    const row: RuleRow = {
      rule: { Attributes: {}, ...rule, RuleARN: arnOf(scope, 'xray', `sampling-rule/${name}`), Version: 1 },
      createdAt: nowMs,
      modifiedAt: nowMs,
      tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])),
    };
    await ports.store.transaction(async (rows) => {
      if (name === 'Default' || (await rows.get(samplingRules, scope, name)) !== undefined)
        throw invalidRequest(`Sampling rule with name ${name} already exists.`);
      if ((await rows.list(samplingRules, scope)).length >= limits.xraySamplingRules)
        throw limitExceeded(`There can be at most ${limits.xraySamplingRules} sampling rules.`);
      await rows.put(samplingRules, scope, name, row);
    });
    ports.rulesChanged();
    return { SamplingRuleRecord: show(row) };
  },

  async UpdateSamplingRule(
    { SamplingRuleUpdate: update = {} }: UpdateSamplingRuleRequest,
    { scope }: Call,
  ): Promise<UpdateSamplingRuleResult> {
    const row = await ports.store.transaction(async (rows) => {
      const before = await needRule(rows, scope, update);
      const { RuleName: _name, RuleARN: _arn, ...changes } = update;
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const after: RuleRow = { ...before, rule: { ...before.rule, ...given }, modifiedAt: ports.now() };
      await rows.put(samplingRules, scope, before.rule.RuleName ?? '', after);
      return after;
    });
    ports.rulesChanged();
    return { SamplingRuleRecord: show(row) };
  },

  async DeleteSamplingRule(
    input: DeleteSamplingRuleRequest,
    { scope }: Call,
  ): Promise<DeleteSamplingRuleResult> {
    const row = await ports.store.transaction(async (rows) => {
      const found = await needRule(rows, scope, input);
      if (found.rule.RuleName === 'Default') throw invalidRequest('Default rule cannot be deleted.');
      await rows.delete(samplingRules, scope, found.rule.RuleName ?? '');
      return found;
    });
    ports.rulesChanged();
    return { SamplingRuleRecord: show(row) };
  },

  async GetSamplingRules(_input: object, { scope }: Call): Promise<GetSamplingRulesResult> {
    return { SamplingRuleRecords: (await rulesOf(ports.store, scope)).map(show) };
  },

  /** Each client may take its rule's whole reservoir: there are few of them on one machine. */
  async GetSamplingTargets(
    { SamplingStatisticsDocuments = [] }: GetSamplingTargetsRequest,
    { scope }: Call,
  ): Promise<GetSamplingTargetsResult> {
    const rules = await rulesOf(ports.store, scope);
    const found = SamplingStatisticsDocuments.map(({ RuleName }) => ({
      RuleName,
      row: rules.find(({ rule }) => rule.RuleName === RuleName),
    }));
    return {
      SamplingTargetDocuments: found.flatMap(({ RuleName, row }) =>
        row === undefined
          ? []
          : [
              {
                RuleName,
                FixedRate: row.rule.FixedRate ?? 0,
                ReservoirQuota: row.rule.ReservoirSize ?? 0,
                ReservoirQuotaTTL: new Date(ports.now() + 60_000),
                Interval: 10,
              },
            ],
      ),
      LastRuleModification: new Date(Math.max(0, ...rules.map(({ modifiedAt }) => modifiedAt))),
      UnprocessedStatistics: found.flatMap(({ RuleName, row }) =>
        row === undefined
          ? [{ RuleName, ErrorCode: '404', Message: `Sampling rule ${RuleName} is not found` }]
          : [],
      ),
    };
  },

  /** Clients' counts are not kept. */
  async GetSamplingStatisticSummaries(): Promise<GetSamplingStatisticSummariesResult> {
    return { SamplingStatisticSummaries: [] };
  },
});

async function needRule(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  { RuleName, RuleARN }: { readonly RuleName?: string | undefined; readonly RuleARN?: string | undefined },
): Promise<RuleRow> {
  if ((RuleName === undefined) === (RuleARN === undefined))
    throw invalidRequest('Exactly one of RuleName and RuleARN must be specified.');
  const found = (await rulesOf(rows, scope)).find(
    ({ rule }) => rule.RuleName === RuleName || (RuleARN !== undefined && rule.RuleARN === RuleARN),
  );
  if (found === undefined) throw invalidRequest(`Sampling rule ${RuleName ?? RuleARN} does not exist.`);
  return found;
}
