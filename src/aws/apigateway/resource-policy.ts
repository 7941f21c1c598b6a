/** A REST API's resource policy: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html */
import { arnOf } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { badRequest } from './faults.ts';

/** The policy as it is kept: compact, `execute-api:/...` written out as full ARNs, as AWS does when it saves one. */
export function policyRow(text: string | undefined, scope: Scope, apiId: string): string | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  if (text.length > limits.apiGatewayPolicyCharacters)
    throw badRequest(
      `Resource policy exceeds the maximum size of ${limits.apiGatewayPolicyCharacters} characters`,
    );
  const policy = parsePolicy(text);
  const prefix = arnOf(scope, 'execute-api', `${apiId}/`);
  return JSON.stringify(policy, (key, value: unknown) =>
    key === 'Resource' || key === 'NotResource' ? writtenOut(value, prefix) : value,
  );
}

function parsePolicy(text: string): object {
  const policy = parseJson(text);
  if (typeof policy === 'object' && policy !== null && 'Statement' in policy) return policy;
  throw invalidPolicy();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidPolicy();
  }
}

const invalidPolicy = () =>
  badRequest('Invalid policy document. Please check the policy syntax and ensure that Principals are valid.');

function writtenOut(value: unknown, prefix: string): unknown {
  if (Array.isArray(value)) return value.map((one) => writtenOut(one, prefix));
  if (typeof value !== 'string' || !value.startsWith('execute-api:/')) return value;
  return prefix + value.slice('execute-api:/'.length);
}

/** AWS answers the policy as the inside of a JSON string: every quote has a backslash. Clients unescape it. */
export const shownPolicy = (policy: string): string => JSON.stringify(policy).slice(1, -1);
