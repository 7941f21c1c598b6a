/** A web ACL, compiled once: its rules in the order of their priorities, then its default action. */
import type {
  CustomHTTPHeader,
  CustomResponse,
  CustomResponseBody,
  Rule,
  RuleAction,
  RuleActionOverride,
} from '@aws-sdk/client-wafv2';
import type { WebAclRequest } from '../../base/ports.ts';
import { Inspected } from './inspected.ts';
import { compileStatement, type Matches } from './statement.ts';
import type {
  CompiledResponse,
  Environment,
  Outcome,
  References,
  RuleGroupDefinition,
  RuleMatch,
  WebAclDefinition,
} from './web-acl.ts';

export interface CompiledWebAcl {
  /** `country`: what is known of where the request comes from. */
  inspect(request: WebAclRequest, country: string | undefined): Promise<Outcome>;
}

/** Throws an Error that names what is not supported or is not there: nobody gets past a web ACL that is not whole. */
export function compileWebAcl(
  definition: WebAclDefinition,
  references: References,
  environment: Environment,
): CompiledWebAcl {
  const rules = compileRules(definition, references, environment, '');
  const usual = compileAction(definition.defaultAction, definition.customResponseBodies);
  if (usual.action === 'COUNT') throw new Error('a default action must allow or block');
  const usualAction = usual.action;
  return {
    async inspect(request, country) {
      const inspected = new Inspected(request, country, definition.bodyBytes);
      const passage: Passage = { counted: [], inserted: [] };
      const found = await follow(rules, inspected, passage);
      const decided = found?.action ?? usual;
      return {
        action: found === undefined ? usualAction : found.action.action === 'BLOCK' ? 'BLOCK' : 'ALLOW',
        terminating: found?.match,
        counted: passage.counted,
        labels: [...new Set(inspected.labels)],
        insertedHeaders: [...passage.inserted, ...decided.inserts],
        ...(decided.response && { response: decided.response }),
      };
    },
  };
}

interface Passage {
  readonly counted: RuleMatch[];
  readonly inserted: CustomHTTPHeader[];
}

interface Decision {
  readonly match: RuleMatch;
  readonly action: CompiledAction;
}

interface CompiledAction {
  readonly action: 'ALLOW' | 'BLOCK' | 'COUNT';
  readonly inserts: readonly CustomHTTPHeader[];
  readonly response?: CompiledResponse;
}

/** Undefined: the rule did not decide. */
type RunRule = (request: Inspected, passage: Passage) => Promise<Decision | undefined>;

async function follow(
  rules: readonly RunRule[],
  request: Inspected,
  passage: Passage,
): Promise<Decision | undefined> {
  for (const run of rules) {
    const decision = await run(request, passage);
    if (decision !== undefined) return decision;
  }
  return undefined;
}

function compileRules(
  owner: RuleGroupDefinition,
  references: References,
  environment: Environment,
  prefix: string,
  overrides: readonly RuleActionOverride[] = [],
): RunRule[] {
  const ordered = [...owner.rules].sort((one, other) => (one.Priority ?? 0) - (other.Priority ?? 0));
  return ordered.map((rule) => {
    const group = rule.Statement?.RuleGroupReferenceStatement;
    if (group !== undefined) return compileGroup(rule, owner, references, environment);
    const override = overrides.find(({ Name }) => Name === rule.Name)?.ActionToUse;
    const matches = compileStatement(rule.Statement, {
      references,
      environment,
      labelNamespace: owner.labelNamespace,
      ruleId: `${prefix}${rule.Name}`,
    });
    return runRule(rule, owner, matches, override ?? rule.Action, prefix === '' ? undefined : rule.Name);
  });
}

function runRule(
  rule: Rule,
  owner: RuleGroupDefinition,
  matches: Matches,
  action: RuleAction | undefined,
  withinGroup: string | undefined,
): RunRule {
  const compiled = compileAction(action, owner.customResponseBodies);
  const labels = (rule.RuleLabels ?? []).map(({ Name = '' }) => owner.labelNamespace + Name);
  const match = { ...matchOf(rule, compiled.action), ...(withinGroup !== undefined && { withinGroup }) };
  return async (request, passage) => {
    if (!(await matches(request))) return undefined;
    request.labels.push(...labels);
    if (compiled.action !== 'COUNT') return { match, action: compiled };
    passage.counted.push(match);
    passage.inserted.push(...compiled.inserts);
    return undefined;
  };
}

/** A group decides for the web ACL, unless the rule that refers to it only counts. */
function compileGroup(
  rule: Rule,
  owner: RuleGroupDefinition,
  references: References,
  environment: Environment,
): RunRule {
  const { ARN = '', RuleActionOverrides, ExcludedRules } = rule.Statement?.RuleGroupReferenceStatement ?? {};
  const excluded = (ExcludedRules ?? []).map(({ Name }) => ({ Name, ActionToUse: { Count: {} } }));
  const group = references.group(ARN);
  const inner = compileRules(group, references, environment, `${owner.name}/${rule.Name}/`, [
    ...(RuleActionOverrides ?? []),
    ...excluded,
  ]);
  const counts = rule.OverrideAction?.Count !== undefined;
  return async (request, passage) => {
    const decision = await follow(inner, request, passage);
    if (decision === undefined) return undefined;
    const within = decision.match.withinGroup;
    const named = (action: RuleMatch['action']): RuleMatch => ({
      ...matchOf(rule, action),
      type: 'GROUP',
      ...(within !== undefined && { withinGroup: within }),
    });
    if (!counts) return { match: named(decision.action.action), action: decision.action };
    passage.counted.push(named('COUNT'));
    return undefined;
  };
}

const matchOf = (rule: Rule, action: RuleMatch['action']): RuleMatch => ({
  ruleName: rule.Name ?? '',
  metricName: rule.VisibilityConfig?.MetricName ?? '',
  action,
  type: rule.Statement?.RateBasedStatement === undefined ? 'REGULAR' : 'RATE_BASED',
  sampled: rule.VisibilityConfig?.SampledRequestsEnabled === true,
});

function compileAction(
  action: RuleAction | undefined,
  bodies: Readonly<Record<string, CustomResponseBody>>,
): CompiledAction {
  if (action?.Allow) return { action: 'ALLOW', inserts: insertsOf(action.Allow) };
  if (action?.Count) return { action: 'COUNT', inserts: insertsOf(action.Count) };
  if (action?.Block) {
    const { CustomResponse: custom } = action.Block;
    return { action: 'BLOCK', inserts: [], ...(custom && { response: compileResponse(custom, bodies) }) };
  }
  throw new Error(
    `the action ${Object.keys(action ?? {}).join(', ') || '(none)'}: not supported by gatehouse`,
  );
}

/** https://docs.aws.amazon.com/waf/latest/developerguide/customizing-the-incoming-request.html: each with this before its name. */
const insertsOf = ({
  CustomRequestHandling: handling,
}: {
  readonly CustomRequestHandling?: { readonly InsertHeaders: CustomHTTPHeader[] | undefined } | undefined;
}) => (handling?.InsertHeaders ?? []).map(({ Name, Value }) => ({ Name: `x-amzn-waf-${Name}`, Value }));

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  APPLICATION_JSON: 'application/json',
  TEXT_HTML: 'text/html',
  TEXT_PLAIN: 'text/plain',
};

function compileResponse(
  custom: CustomResponse,
  bodies: Readonly<Record<string, CustomResponseBody>>,
): CompiledResponse {
  const key = custom.CustomResponseBodyKey;
  const body = key === undefined ? undefined : bodies[key];
  if (key !== undefined && body === undefined) throw new Error(`there is no custom response body ${key}`);
  return {
    status: custom.ResponseCode ?? 403,
    headers: (custom.ResponseHeaders ?? []).flatMap(({ Name = '', Value = '' }) => [Name, Value]),
    body: body?.Content ?? '',
    ...(body && { contentType: CONTENT_TYPES[body.ContentType ?? ''] ?? 'text/plain' }),
  };
}
