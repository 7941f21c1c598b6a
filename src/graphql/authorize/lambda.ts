/** Lambda authorization. https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#aws-lambda-authorization */
import { createHash } from 'node:crypto';
import { reasonOf } from '../../base/fault.ts';
import type { AuthorizationMode } from '../config.ts';
import { RequestError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { ApiPlan } from '../plan.ts';
import { isFound } from '../user-pattern.ts';
import { type AuthorizePorts, type Credentials, nobody } from './authorize.ts';

type LambdaMode = Extract<AuthorizationMode, { type: 'AWS_LAMBDA' }>;

interface Verdict {
  readonly isAuthorized: boolean;
  readonly resolverContext: Readonly<Record<string, unknown>> | undefined;
  readonly deniedFields: readonly string[];
  readonly goodUntil: number;
}

/** What functions decided, by API and token. */
export type LambdaVerdicts = Map<string, Verdict>;

/** Ours: verdicts kept. */
const KEPT = 10_000;

export async function authorizeByLambda(
  plan: ApiPlan,
  mode: LambdaMode,
  ports: AuthorizePorts,
  credentials: Credentials,
  token: string,
): Promise<Identity> {
  const refuse = (): never => {
    throw new RequestError(401, 'UnauthorizedException', 'You are not authorized to make this call.');
  };
  if (mode.tokenPattern && !isFound(mode.tokenPattern, token)) refuse();
  const key = `${plan.document.apiId}/${createHash('sha256').update(token).digest('base64')}`;
  const known = ports.lambdaVerdicts.get(key);
  const verdict =
    known !== undefined && known.goodUntil > ports.now()
      ? known
      : await ask(plan, mode, ports, credentials, token);
  if (verdict.goodUntil > ports.now()) {
    if (ports.lambdaVerdicts.size >= KEPT) ports.lambdaVerdicts.clear();
    ports.lambdaVerdicts.set(key, verdict);
  }
  if (!verdict.isAuthorized) refuse();
  return {
    ...nobody,
    type: 'AWS_LAMBDA',
    key: `lambda/${key}`,
    shown: { resolverContext: verdict.resolverContext ?? null },
    deniedFields: new Set(verdict.deniedFields),
  };
}

async function ask(
  plan: ApiPlan,
  mode: LambdaMode,
  ports: AuthorizePorts,
  { headers, query, requestId }: Credentials,
  authorizationToken: string,
): Promise<Verdict> {
  const { apiId, scope, arn } = plan.document;
  const event = {
    authorizationToken,
    requestContext: {
      apiId,
      accountId: scope.account,
      requestId,
      queryString: query.text,
      operationName: query.operationName ?? null,
      variables: query.variables ?? {},
    },
    requestHeaders: headers,
  };
  let answer: { Payload?: Uint8Array; FunctionError?: string };
  try {
    answer = (await ports.call({
      service: 'lambda',
      operation: 'Invoke',
      input: { FunctionName: mode.functionArn, Payload: new TextEncoder().encode(JSON.stringify(event)) },
      scope,
      caller: {
        kind: 'service',
        account: scope.account,
        arn: 'appsync.amazonaws.com',
        userId: arn,
        accessKeyId: '',
      },
    })) as typeof answer; // Lambda's own output
  } catch (thrown) {
    ports.log('warn', 'a Lambda authorizer of an API could not be asked', {
      apiId,
      reason: reasonOf(thrown),
    });
    throw failed();
  }
  if (answer.FunctionError !== undefined) throw failed();
  return verdictOf(answer.Payload, plan, mode, ports.now());
}

const failed = (): RequestError =>
  new RequestError(401, 'AuthorizerFailureException', 'Unable to authorize the request.');

function verdictOf(payload: Uint8Array | undefined, plan: ApiPlan, mode: LambdaMode, now: number): Verdict {
  let said: unknown;
  try {
    said = JSON.parse(Buffer.from(payload ?? []).toString('utf8'));
  } catch {
    throw failed();
  }
  if (
    typeof said !== 'object' ||
    said === null ||
    !('isAuthorized' in said) ||
    typeof said.isAuthorized !== 'boolean'
  )
    throw failed();
  const { isAuthorized, resolverContext, deniedFields, ttlOverride } = said as Record<string, unknown> & {
    isAuthorized: boolean;
  };
  if (deniedFields !== undefined && !isTexts(deniedFields)) throw failed();
  const ttl = typeof ttlOverride === 'number' ? ttlOverride : mode.ttlSeconds;
  return {
    isAuthorized,
    resolverContext:
      typeof resolverContext === 'object' && resolverContext !== null
        ? (resolverContext as Record<string, unknown>)
        : undefined,
    deniedFields: (isTexts(deniedFields) ? deniedFields : []).map((name) =>
      fieldName(name, plan.document.arn),
    ),
    goodUntil: now + ttl * 1000,
  };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

/** `Type.field` or `arn:.../types/Type/fields/field`. */
const fieldName = (name: string, arn: string): string =>
  name.startsWith(`${arn}/types/`)
    ? name.slice(arn.length + '/types/'.length).replace('/fields/', '.')
    : name;
