/**
 * A REST API's resource policy, alone and together with whatever else lets a caller in.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
 */
import { reasonOf } from '../../base/fault.ts';
import { arnOf } from '../../base/arn.ts';
import { compilePolicy, type CompiledPolicy } from '../../lang/policy/compile.ts';
import type { Verdict } from '../../lang/policy/evaluate.ts';
import type { Routed, StagePlan } from '../plan.ts';
import { configurationError, Refusal } from '../refusal.ts';
import { evaluateMethod } from './evaluate-method.ts';
import { methodArn } from './method-arn.ts';

export interface ResourcePolicy {
  readonly policy: CompiledPolicy;
  /**
   * Private APIs: whoever else allows, the policy must as well, as between accounts (table B), where else within one
   * account either is enough (table A).
   */
  readonly mustAllow: boolean;
}

/** Null when there is none. Throws when it cannot be read: then nobody is let in. */
export function compileResourcePolicy(
  text: string | undefined,
  stage: StagePlan,
  isPrivate: boolean,
): ResourcePolicy | null {
  if (text === undefined || text.trim() === '') return null;
  const { apiId, scope } = stage.api;
  // `execute-api:/stage/METHOD/path` stands for the ARN of this API.
  const whole = unescaped(text).replace(/"execute-api:\//g, `"${arnOf(scope, 'execute-api', `${apiId}/`)}`);
  try {
    const policy = compilePolicy(whole, { kind: 'resource', name: 'resource policy' });
    return { policy, mustAllow: isPrivate };
  } catch (thrown) {
    throw configurationError(`Invalid resource policy: ${reasonOf(thrown)}`);
  }
}

/** GetRestApi gives the policy with its quotes escaped, and templates carry it on so. */
const unescaped = (text: string): string =>
  /^\s*\{\s*\\/.test(text) ? text.replace(/\\(["\\/])/g, '$1') : text;

function askResourcePolicy({ policy }: ResourcePolicy, call: Routed): Verdict {
  return evaluateMethod({ resource: policy }, call);
}

/** The policy must allow by itself: methods that ask for no identity, and those of user pools. */
export function permitByResourcePolicy(policy: ResourcePolicy, call: Routed): void {
  const verdict = askResourcePolicy(policy, call);
  if (verdict.effect !== 'Allow') throw anonymousDenied(call, verdict.effect === 'ExplicitDeny');
}

/** Before any authorizer is asked: an explicit deny ends it. */
export function refuseDenied(policy: ResourcePolicy, call: Routed): void {
  if (askResourcePolicy(policy, call).effect === 'ExplicitDeny') throw anonymousDenied(call, true);
}

/** AWS hides the account in the resource but for its last four digits. */
export const masked = (resource: string): string =>
  resource.replace(/(:execute-api:[^:]*:)\d{8}(\d{4}):/, '$1********$2:');

/** https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden */
export const anonymousDenied = (call: Routed, explicitly: boolean): Refusal =>
  new Refusal(
    'ACCESS_DENIED',
    `User: anonymous is not authorized to perform: execute-api:Invoke on resource: ${masked(methodArn(call))}${explicitly ? ' with an explicit deny' : ''}`,
  );
