/** Simulations: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html */
import type {
  ContextEntry,
  EvaluationResult,
  GetContextKeysForCustomPolicyRequest,
  GetContextKeysForPolicyResponse,
  GetContextKeysForPrincipalPolicyRequest,
  SimulateCustomPolicyRequest,
  SimulatePolicyResponse,
  SimulatePrincipalPolicyRequest,
} from '@aws-sdk/client-iam';
import { parseArn } from '../../base/arn.ts';
import type { CallerPolicies } from '../../base/ports.ts';
import { type CompiledPolicy, compilePolicy } from '../../lang/policy/compile.ts';
import { PolicyError, parsePolicy } from '../../lang/policy/document.ts';
import { evaluate, type Policies, type Verdict } from '../../lang/policy/evaluate.ts';
import type { Principal } from '../../lang/policy/principal.ts';
import type { Reader } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { invalidInput } from './faults.ts';
import { groupRef, readGroup } from './group-row.ts';
import { pageOf } from './page.ts';
import { documentsOf, rolePolicies, userPolicies } from './principal-policies.ts';
import { readRole } from './role-row.ts';
import { globalScope } from './scope.ts';
import { readUser } from './user-row.ts';

export const simulateOperations = ({ store }: ServicePorts) => ({
  SimulatePrincipalPolicy: async (
    input: SimulatePrincipalPolicyRequest,
    call: Call,
  ): Promise<SimulatePolicyResponse> => {
    if ((input.PolicyExclusionList ?? []).length > 0)
      throw invalidInput('PolicyExclusionList is not supported');
    const own = await policiesOf(store, call, input.PolicySourceArn ?? '');
    return simulate(input, own, input.CallerArn ?? input.PolicySourceArn);
  },

  SimulateCustomPolicy: async (input: SimulateCustomPolicyRequest): Promise<SimulatePolicyResponse> =>
    simulate(input, { identity: [], conditions: {} }, input.CallerArn),

  GetContextKeysForCustomPolicy: async (
    input: GetContextKeysForCustomPolicyRequest,
  ): Promise<GetContextKeysForPolicyResponse> => ({
    ContextKeyNames: contextKeys(input.PolicyInputList ?? []),
  }),

  GetContextKeysForPrincipalPolicy: async (
    input: GetContextKeysForPrincipalPolicyRequest,
    call: Call,
  ): Promise<GetContextKeysForPolicyResponse> => {
    const { identity } = await policiesOf(store, call, input.PolicySourceArn ?? '');
    return { ContextKeyNames: contextKeys([...identity, ...(input.PolicyInputList ?? [])]) };
  },
});

async function policiesOf(
  rows: Pick<Reader, 'get' | 'list'>,
  call: Call,
  arn: string,
): Promise<CallerPolicies> {
  const scope = globalScope(call.scope.account);
  const [noun, ...path] = (parseArn(arn)?.resource ?? '').split('/');
  const name = path.at(-1) ?? '';
  switch (noun) {
    case 'user':
      return userPolicies(rows, scope, (await readUser(rows, scope, name)).name);
    case 'role':
      return rolePolicies(rows, scope, (await readRole(rows, scope, name)).name);
    case 'group': {
      const group = await readGroup(rows, scope, name);
      return { identity: await documentsOf(rows, groupRef(scope, group.name)), conditions: {} };
    }
    default:
      throw invalidInput(`Invalid Entity Arn: ${arn} does not clearly define entity type and name.`);
  }
}

/** What both operations take; only a custom simulation needs policies of its own. */
type Simulation = Omit<SimulateCustomPolicyRequest, 'PolicyInputList'> & {
  readonly PolicyInputList?: string[] | undefined;
};

function simulate(
  input: Simulation,
  own: CallerPolicies,
  callerArn: string | undefined,
): SimulatePolicyResponse {
  const policies = understood(() => policiesFor(input, own));
  const context = { ...own.conditions, ...contextOf(input.ContextEntries ?? []) };
  const principal = principalOf(callerArn);
  const results = (input.ActionNames ?? []).flatMap((action) =>
    (input.ResourceArns ?? ['*']).map((resource) => {
      const verdict = evaluate(policies, { action, resource, context, ...(principal && { principal }) });
      return resultOf(action, resource, verdict);
    }),
  );
  const page = pageOf(
    results.map((result, index) => ({ result, key: String(index).padStart(6, '0') })),
    input,
    (one) => one.key,
  );
  return { EvaluationResults: page.items.map((one) => one.result), ...page.rest };
}

function policiesFor(input: Simulation, own: CallerPolicies): Policies {
  const given = (input.PolicyInputList ?? []).map((document, index) =>
    compilePolicy(document, { name: `PolicyInputList.${index + 1}` }),
  );
  const [boundaryInput] = input.PermissionsBoundaryPolicyInputList ?? [];
  const boundary = boundaryInput ?? own.boundary;
  return {
    identity: [...own.identity.map((document): CompiledPolicy => compilePolicy(document)), ...given],
    ...(boundary !== undefined && {
      boundary: compilePolicy(boundary, { name: 'PermissionsBoundaryPolicyInputList.1' }),
    }),
    ...(input.ResourcePolicy !== undefined && {
      resource: compilePolicy(input.ResourcePolicy, { kind: 'resource', name: 'ResourcePolicy' }),
    }),
  };
}

function understood<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof PolicyError) throw invalidInput(thrown.message);
    throw thrown;
  }
}

function principalOf(arn: string | undefined): Principal | undefined {
  const parsed = parseArn(arn ?? '');
  if (!arn || !parsed) return undefined;
  const kind =
    parsed.resource === 'root' ? 'root' : parsed.resource.startsWith('user/') ? 'user' : 'assumed-role';
  return { kind, account: parsed.account, arn };
}

const contextOf = (entries: readonly ContextEntry[]) =>
  Object.fromEntries(entries.map((entry) => [entry.ContextKeyName ?? '', entry.ContextKeyValues ?? []]));

const DECISIONS = { Allow: 'allowed', ExplicitDeny: 'explicitDeny', ImplicitDeny: 'implicitDeny' } as const;

function resultOf(EvalActionName: string, EvalResourceName: string, verdict: Verdict): EvaluationResult {
  const source = verdict.statement?.policyName;
  return {
    EvalActionName,
    EvalResourceName,
    EvalDecision: DECISIONS[verdict.effect],
    MatchedStatements:
      source === undefined ? [] : [{ SourcePolicyId: source, SourcePolicyType: 'IAM Policy' as never }], // recorded so; the model's enum says otherwise
    MissingContextValues: [],
  };
}

/** Keys of conditions and policy variables, sorted. */
function contextKeys(documents: readonly string[]): string[] {
  const keys = documents.flatMap((document) => {
    const { statements } = understood(() => parsePolicy(document));
    const variables = [...document.matchAll(/\$\{([\w:/-]+)(,[^}]*)?\}/g)].map((match) => match[1] ?? '');
    return [
      ...statements.flatMap((statement) => statement.conditions.map((condition) => condition.key)),
      ...variables,
    ];
  });
  return [...new Set(keys)].toSorted();
}
