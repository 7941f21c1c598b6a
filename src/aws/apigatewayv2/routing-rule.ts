/** Routing rules of a domain name: https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html */
import type {
  CreateRoutingRuleRequest,
  CreateRoutingRuleResponse,
  DeleteRoutingRuleRequest,
  GetRoutingRuleRequest,
  GetRoutingRuleResponse,
  ListRoutingRulesRequest,
  ListRoutingRulesResponse,
  PutRoutingRuleRequest,
  PutRoutingRuleResponse,
  RoutingRule,
} from '@aws-sdk/client-apigatewayv2';
import { partitionOf } from '../../base/arn.ts';
import { isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { apiGatewayId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { readDomainName } from './domain-name-row.ts';
import { apis } from './api-row.ts';
import { badRequest, conflict, missing, tooMany } from './faults.ts';
import { listPage } from './page.ts';
import { changingDomains } from './changing-domains.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { routingRules } from './routing-rule-row.ts';

export const routingRuleOperations = (ports: ApiGatewayV2Ports) => ({
  CreateRoutingRule: async (
    input: CreateRoutingRuleRequest,
    call: Call,
  ): Promise<CreateRoutingRuleResponse> => {
    const { scope } = call;
    await checkTarget(ports, call, input);
    const RoutingRuleId = apiGatewayId(6, ports.random);
    return changingDomains(ports, (rows) => putRule(rows, scope, { ...input, RoutingRuleId }));
  },

  GetRoutingRule: async (input: GetRoutingRuleRequest, { scope }: Call): Promise<GetRoutingRuleResponse> =>
    read(ports.store, scope, input),

  ListRoutingRules: async (
    input: ListRoutingRulesRequest,
    { scope }: Call,
  ): Promise<ListRoutingRulesResponse> => {
    await readDomainName(ports.store, scope, input.DomainName ?? '');
    const listing = { rows: ports.store, table: routingRules, scope, prefix: `${input.DomainName}/` };
    const page = await listPage(listing, { ...input, MaxResults: input.MaxResults?.toString() });
    return { RoutingRules: [...page.rows], NextToken: page.NextToken };
  },

  PutRoutingRule: async (input: PutRoutingRuleRequest, call: Call): Promise<PutRoutingRuleResponse> => {
    await checkTarget(ports, call, input);
    return changingDomains(ports, async (rows) => {
      await read(rows, call.scope, input);
      return putRule(rows, call.scope, input);
    });
  },

  DeleteRoutingRule: async (input: DeleteRoutingRuleRequest, { scope }: Call) => {
    await changingDomains(ports, async (rows) => {
      await read(rows, scope, input);
      await rows.delete(routingRules, scope, `${input.DomainName}/${input.RoutingRuleId}`);
    });
    return {};
  },
});

async function putRule(rows: Transaction, scope: Scope, input: PutRoutingRuleRequest): Promise<RoutingRule> {
  const { DomainName = '', RoutingRuleId = '', Priority = 0, Actions = [], Conditions = [] } = input;
  await readDomainName(rows, scope, DomainName);
  checkRule(input);
  const others = await rows.list(routingRules, scope, { prefix: `${DomainName}/` });
  if (others.some(({ row }) => row.RoutingRuleId !== RoutingRuleId && row.Priority === Priority))
    throw conflict(`A routing rule with priority ${Priority} already exists for this domain name`);
  if (others.length >= limits.routingRules && !others.some(({ row }) => row.RoutingRuleId === RoutingRuleId))
    throw tooMany('routing rules');
  const resource = `/domainnames/${DomainName}/routingrules/${RoutingRuleId}`;
  const RoutingRuleArn = `arn:${partitionOf(scope.region)}:apigateway:${scope.region}:${scope.account}:${resource}`;
  const row: RoutingRule = { RoutingRuleId, RoutingRuleArn, Priority, Actions, Conditions };
  await rows.put(routingRules, scope, `${DomainName}/${RoutingRuleId}`, row);
  return row;
}

/** Two header conditions and one path condition at most: https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html */
function checkRule({ Priority = 0, Actions = [], Conditions = [] }: PutRoutingRuleRequest): void {
  if (Priority < 1 || Priority > 1_000_000) throw badRequest('Priority must be between 1 and 1000000');
  if (Actions.length !== 1) throw badRequest('A routing rule must have exactly one action');
  const paths = Conditions.flatMap(({ MatchBasePaths }) => MatchBasePaths?.AnyOf ?? []);
  const headers = Conditions.flatMap(({ MatchHeaders }) => MatchHeaders?.AnyOf ?? []);
  if (paths.length > 1) throw badRequest('A routing rule can have at most one base path condition');
  if (headers.length > 2) throw badRequest('A routing rule can have at most two header conditions');
  if (paths.some((path) => path === '' || path.startsWith('/') || path.endsWith('/') || path.includes('//')))
    throw badRequest(
      'Base paths of routing rules must not start or end with a slash or have consecutive slashes',
    );
  if (
    headers.some(
      ({ Header = '', ValueGlob = '' }) =>
        Header === '' || !/^\*?[^*]*\*?$/.test(ValueGlob) || ValueGlob === '',
    )
  )
    throw badRequest('A wildcard is only allowed at the beginning and at the end of a header value');
}

/** Rules lead to REST APIs, and to stages that are there. Asked outside of the transaction: they are another service's. */
async function checkTarget(
  ports: ApiGatewayV2Ports,
  { scope, caller }: Call,
  rule: Pick<PutRoutingRuleRequest, 'Actions'>,
): Promise<void> {
  const { ApiId: restApiId, Stage: stageName } = rule.Actions?.[0]?.InvokeApi ?? {};
  if (restApiId === undefined) return;
  if ((await ports.store.get(apis, scope, restApiId)) !== undefined)
    throw badRequest('Only REST APIs can be the target of a routing rule');
  try {
    const input = { restApiId, stageName };
    await ports.call({ service: 'apigateway', operation: 'GetStage', input, scope, caller });
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    throw badRequest('Invalid API identifier or stage specified');
  }
}

async function read(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  of: GetRoutingRuleRequest,
): Promise<RoutingRule> {
  await readDomainName(rows, scope, of.DomainName ?? '');
  const row = await rows.get(routingRules, scope, `${of.DomainName}/${of.RoutingRuleId}`);
  if (!row) throw missing('RoutingRule', of.RoutingRuleId ?? '');
  return row;
}
