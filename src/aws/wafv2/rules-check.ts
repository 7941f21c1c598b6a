/** Rules as they are given: what AWS refuses, what is not here, what they refer to, and what they cost. */
import type { CustomResponseBody, Rule, RuleAction, Statement } from '@aws-sdk/client-wafv2';
import { reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { capacityOf } from '../../lang/waf/capacity.ts';
import { compileStatement } from '../../lang/waf/statement.ts';
import type { References } from '../../lang/waf/web-acl.ts';
import type { Reader } from '../../store/store.ts';
import { invalidParameter, missing, unsupported } from './fault.ts';
import { byArn } from './named.ts';
import { unpackRules } from './packed-rules.ts';
import { checkPattern } from './patterns.ts';
import { arnsOf, statementsOf } from './references.ts';
import type { IpSetRow, NamedRow, RegexSetRow, RuleGroupRow } from './rows.ts';

export interface RulesToCheck {
  readonly rules: readonly Rule[] | undefined;
  readonly bodies: Readonly<Record<string, CustomResponseBody>> | undefined;
  /** A rule group may not refer to another. */
  readonly inGroup: boolean;
}

/** What the rules cost. Throws WAFInvalidParameterException, WAFNonexistentItemException. */
export async function checkRules(
  rows: Reader,
  { rules = [], bodies = {}, inGroup }: RulesToCheck,
): Promise<number> {
  checkUnique(rules);
  for (const rule of rules) checkActions(rule, bodies);
  for (const statement of statementsOf(rules)) checkStatement(statement, inGroup);
  const referred = await readReferences(rows, rules);
  for (const rule of rules) compilable(rule, referred);
  return capacityOf(rules, (arn) => (referred.rows.get(arn) as RuleGroupRow | undefined)?.capacity ?? 0); // a rule group's own ARN
}

function checkUnique(rules: readonly Rule[]): void {
  const seen = new Set<string>();
  for (const { Name = '', Priority = 0 } of rules) {
    for (const [field, value] of [
      ['RULE_NAME', Name],
      ['RULE_PRIORITY', String(Priority)],
    ] as const) {
      const key = `${field} ${value}`;
      if (seen.has(key))
        throw invalidParameter(
          'RULE',
          value,
          'You have used none or multiple values for a field that requires exactly one value.',
        );
      seen.add(key);
    }
  }
}

/** Rules that refer to groups override; all others act. */
function checkActions(rule: Rule, bodies: Readonly<Record<string, CustomResponseBody>>): void {
  const isGroup =
    rule.Statement?.RuleGroupReferenceStatement !== undefined ||
    rule.Statement?.ManagedRuleGroupStatement !== undefined;
  if (rule.Statement?.ManagedRuleGroupStatement !== undefined) {
    const { VendorName, Name } = rule.Statement.ManagedRuleGroupStatement;
    throw unsupported('STATEMENT', `the managed rule group ${VendorName} ${Name}`);
  }
  const given = isGroup ? rule.OverrideAction : rule.Action;
  if (given === undefined || Object.keys(given).length !== 1 || (isGroup && rule.Action !== undefined))
    throw invalidParameter(
      'RULE',
      rule.Name ?? '',
      'You have used none or multiple values for a field that requires exactly one value.',
    );
  const overrides = rule.Statement?.RuleGroupReferenceStatement?.RuleActionOverrides ?? [];
  for (const action of [rule.Action, ...overrides.map(({ ActionToUse }) => ActionToUse)])
    checkAction(action, bodies);
}

export function checkAction(
  action: RuleAction | undefined,
  bodies: Readonly<Record<string, CustomResponseBody>>,
): void {
  for (const name of ['Captcha', 'Challenge', 'Monetize'] as const)
    if (action?.[name] !== undefined) throw unsupported('RULE_ACTION', `the action ${name}`);
  const custom = action?.Block?.CustomResponse;
  const key = custom?.CustomResponseBodyKey;
  if (key !== undefined && !Object.hasOwn(bodies, key))
    throw invalidParameter('CUSTOM_RESPONSE_BODY_KEY', key, 'The referenced item doesn’t exist.');
  const headers = [...(custom?.ResponseHeaders ?? []), ...insertedBy(action)];
  for (const { Name = '', Value = '' } of headers)
    if (!/^[\w$-]+$/.test(Name) || /[\r\n]/.test(Value))
      throw invalidParameter('CUSTOM_HEADER', Name, 'The parameter contains formatting that is not valid.');
}

const insertedBy = (action: RuleAction | undefined) =>
  (action?.Allow ?? action?.Count)?.CustomRequestHandling?.InsertHeaders ?? [];

function checkStatement(statement: Statement, inGroup: boolean): void {
  const names = Object.keys(statement).filter((name) => Reflect.get(statement, name) !== undefined);
  if (names.length !== 1)
    throw invalidParameter(
      'STATEMENT',
      names.join(', '),
      'You have used none or multiple values for a field that requires exactly one value.',
    );
  const [name = ''] = names;
  if (inGroup && name === 'RuleGroupReferenceStatement')
    throw invalidParameter('STATEMENT', name, 'The statement is not allowed in a rule group.');
  if (statement.RegexMatchStatement)
    checkPattern(statement.RegexMatchStatement.RegexString ?? '', 'REGEX_PATTERN');
  const rate = statement.RateBasedStatement;
  if (rate?.EvaluationWindowSec !== undefined && ![60, 120, 300, 600].includes(rate.EvaluationWindowSec))
    throw invalidParameter(
      'RATE_BASED_STATEMENT',
      String(rate.EvaluationWindowSec),
      'The parameter isn’t valid.',
    );
  if (rate?.Limit !== undefined && rate.Limit < limits.wafRateLimit.min)
    throw invalidParameter('RATE_BASED_STATEMENT', String(rate.Limit), 'The parameter isn’t valid.');
  if (rate?.AggregateKeyType === 'FORWARDED_IP' && rate.ForwardedIPConfig === undefined)
    throw invalidParameter('FORWARDED_IP_CONFIG', '', 'The parameter is required.');
  if (rate?.AggregateKeyType === 'CONSTANT' && rate.ScopeDownStatement === undefined)
    throw invalidParameter('SCOPE_DOWN', '', 'The parameter is required.');
  if (rate?.AggregateKeyType === 'CUSTOM_KEYS' && !rate.CustomKeys?.length)
    throw invalidParameter('CUSTOM_KEYS', '', 'The parameter is required.');
}

export interface Referred extends References {
  readonly rows: ReadonlyMap<string, NamedRow>;
}

/** Everything the rules refer to, and what those groups refer to. Throws WAFNonexistentItemException. */
export async function readReferences(rows: Reader, rules: readonly Rule[]): Promise<Referred> {
  const found = new Map<string, NamedRow>();
  const visit = async (some: readonly Rule[]): Promise<void> => {
    for (const arn of arnsOf(some)) {
      if (found.has(arn)) continue;
      const { row } = await byArn(rows, arn);
      found.set(arn, row);
      if ('rules' in row) await visit(unpackRules((row as RuleGroupRow).rules)); // only groups have rules
    }
  };
  await visit(rules);
  const need = (arn: string): NamedRow => {
    const row = found.get(arn);
    if (row === undefined) throw missing();
    return row;
  };
  return {
    rows: found,
    // An ARN names its kind: byArn has looked in that kind's table.
    addresses: (arn) => (need(arn) as IpSetRow).addresses,
    patterns: (arn) => (need(arn) as RegexSetRow).patterns,
    group: (arn) => {
      const row = need(arn) as RuleGroupRow;
      return {
        name: row.name,
        labelNamespace: groupNamespace(row),
        rules: unpackRules(row.rules),
        customResponseBodies: row.bodies,
      };
    },
  };
}

/** `awswaf:{account}:rulegroup:{name}:` */
export const groupNamespace = ({ arn, name }: NamedRow): string =>
  `awswaf:${arn.split(':')[4]}:rulegroup:${name}:`;
export const aclNamespace = ({ arn, name }: NamedRow): string =>
  `awswaf:${arn.split(':')[4]}:webacl:${name}:`;

/** What the engine cannot carry out is refused now, by its name, and not when a request comes. */
function compilable(rule: Rule, references: References): void {
  if (rule.Statement?.RuleGroupReferenceStatement !== undefined) return;
  try {
    compileStatement(rule.Statement, {
      references,
      environment: { now: () => 0, count: () => 0 },
      labelNamespace: '',
      ruleId: '',
    });
  } catch (thrown) {
    throw invalidParameter('STATEMENT', rule.Name ?? '', reasonOf(thrown));
  }
}
