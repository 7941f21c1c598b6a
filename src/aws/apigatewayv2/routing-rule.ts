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
import { apiGatewayId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { readDomainName } from './domain-name-row.ts';
import { badRequest, conflict, missing } from './faults.ts';
import { listPage } from './page.ts';
import { changingDomains } from './changing-domains.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { routingRules } from './routing-rule-row.ts';

export const routingRuleOperations = (ports: ApiGatewayV2Ports) => ({
  CreateRoutingRule: async (
    input: CreateRoutingRuleRequest,
    { scope }: Call,
  ): Promise<CreateRoutingRuleResponse> => {
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

  PutRoutingRule: async (input: PutRoutingRuleRequest, { scope }: Call): Promise<PutRoutingRuleResponse> =>
    changingDomains(ports, async (rows) => {
      await read(rows, scope, input);
      return putRule(rows, scope, input);
    }),

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
  if (Priority < 1 || Priority > 1_000_000) throw badRequest('Priority must be between 1 and 1000000');
  if (Actions.length !== 1) throw badRequest('A routing rule must have exactly one action');
  const others = await rows.list(routingRules, scope, { prefix: `${DomainName}/` });
  if (others.some(({ row }) => row.RoutingRuleId !== RoutingRuleId && row.Priority === Priority))
    throw conflict(`A routing rule with priority ${Priority} already exists for this domain name`);
  const resource = `/domainnames/${DomainName}/routingrules/${RoutingRuleId}`;
  const RoutingRuleArn = `arn:${partitionOf(scope.region)}:apigateway:${scope.region}:${scope.account}:${resource}`;
  const row: RoutingRule = { RoutingRuleId, RoutingRuleArn, Priority, Actions, Conditions };
  await rows.put(routingRules, scope, `${DomainName}/${RoutingRuleId}`, row);
  return row;
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
