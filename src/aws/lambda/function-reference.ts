/**
 * How callers name a function: name, ARN or partial ARN, each with or without a qualifier.
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 */
import { arnOf } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { Fault } from '../../base/fault.ts';
import { invalidParameter, notFound, validation } from './fault.ts';

export interface FunctionReference {
  readonly scope: Scope;
  readonly name: string;
  /** `$LATEST`, a version's number or an alias; absent when the caller gave none. */
  readonly qualifier?: string;
}

const PATTERN =
  /^(?:arn:(?:aws[a-zA-Z-]*)?:lambda:)?(?:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;
const MAX_NAME_CHARACTERS = 64;

/** Reads `FunctionName` and `Qualifier` of a call made in `scope`. Throws `Fault`. */
export function readReference(text: string, qualifier: string | undefined, scope: Scope): FunctionReference {
  const parts = split(text);
  if (parts.region !== undefined && parts.region !== scope.region)
    throw notFound(`Functions from '${parts.region}' are not reachable in this region ('${scope.region}')`);
  if (parts.account !== undefined && parts.account !== scope.account)
    // Another account's functions need that account's resource policy to allow the caller, operation by operation;
    // until that is evaluated here, no is the only safe answer.
    throw new Fault('AccessDeniedException', 'User is not authorized to access this resource.', {
      status: 403,
    });
  if (parts.qualifier !== undefined && qualifier !== undefined && parts.qualifier !== qualifier)
    throw invalidParameter(
      'The derived qualifier from the function name does not match the specified qualifier.',
    );
  return withQualifier({ scope, name: parts.name }, qualifier ?? parts.qualifier);
}

/** Reads a full function ARN; undefined when it is not one. */
export function readFunctionArn(arn: string): FunctionReference | undefined {
  const [prefix, , service, region, account, kind, name, qualifier, ...rest] = arn.split(':');
  if (prefix !== 'arn' || service !== 'lambda' || kind !== 'function' || rest.length > 0) return undefined;
  if (!region || !account || !name) return undefined;
  return withQualifier({ scope: { account, region }, name }, qualifier);
}

export const functionArn = (scope: Scope, name: string, qualifier?: string): string =>
  arnOf(scope, 'lambda', `function:${name}${qualifier === undefined ? '' : `:${qualifier}`}`);

export const arnOfReference = (reference: FunctionReference): string =>
  functionArn(reference.scope, reference.name, reference.qualifier);

/** A version's number or `$LATEST`, rather than an alias. */
export const isVersion = (qualifier: string): boolean => qualifier === '$LATEST' || /^\d+$/.test(qualifier);

function split(text: string) {
  const match = PATTERN.exec(text);
  const name = match?.[3];
  if (name === undefined)
    throw validation(
      `Value '${text}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?`,
    );
  if (name.length > MAX_NAME_CHARACTERS)
    throw validation(
      `Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to ${MAX_NAME_CHARACTERS}`,
    );
  return { region: match?.[1], account: match?.[2], name, qualifier: match?.[4] };
}

const withQualifier = (
  reference: Omit<FunctionReference, 'qualifier'>,
  qualifier: string | undefined,
): FunctionReference =>
  qualifier === undefined || qualifier === '' ? reference : { ...reference, qualifier };
