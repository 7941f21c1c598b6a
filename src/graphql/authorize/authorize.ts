/**
 * Who makes a request: a signature is IAM's, a key is a key's, a token is a pool's, a provider's or a function's.
 * https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html. Throws RequestError.
 */
import type { SignedRequest } from '../../base/ports.ts';
import type { AuthorizationMode, AuthorizationType } from '../config.ts';
import { RequestError } from '../errors.ts';
import type { Identity } from '../identity.ts';
import type { ApiPlan } from '../plan.ts';
import type { GraphqlPorts } from '../ports.ts';
import { authorizeByLambda, type LambdaVerdicts } from './lambda.ts';
import { authorizeByToken } from './token.ts';

/** What comes with a request that may tell who makes it. Header names are lower-case. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** For signatures: the request as it arrived, or as a real-time client signed it. */
  readonly signed: SignedRequest;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly query: {
    readonly text: string;
    readonly operationName: string | undefined;
    readonly variables: unknown;
  };
}

export interface AuthorizePorts extends GraphqlPorts {
  readonly lambdaVerdicts: LambdaVerdicts;
}

/** https://docs.aws.amazon.com/appsync/latest/devguide/troubleshooting-and-common-mistakes.html */
const unauthorized = (message = 'You are not authorized to make this call.'): RequestError =>
  new RequestError(401, 'UnauthorizedException', message);

export async function authorize(
  plan: ApiPlan,
  ports: AuthorizePorts,
  credentials: Credentials,
): Promise<Identity> {
  const { headers } = credentials;
  const authorization = headers['authorization'];
  const apiKey = headers['x-api-key'];
  if (authorization === undefined && apiKey === undefined) {
    if (headers['x-amz-security-token'] === undefined) throw unauthorized('Missing authorization header');
    throw unauthorized();
  }
  if (authorization?.startsWith('AWS4-') === true) return byIam(plan, ports, credentials);
  if (authorization !== undefined) {
    const identity = await byToken(plan, ports, credentials, authorization);
    if (identity !== undefined) return identity;
    if (apiKey === undefined)
      throw unauthorized(
        plan.modes.has('AWS_LAMBDA') ? undefined : 'Valid authorization header not provided.',
      );
  }
  return byKey(plan, ports, apiKey ?? '');
}

export const nobody = {
  groups: [],
  deniedFields: new Set<string>(),
  goodUntil: Number.POSITIVE_INFINITY,
} as const;

function byKey(plan: ApiPlan, { now }: AuthorizePorts, value: string): Identity {
  const known = plan.modes.has('API_KEY')
    ? plan.document.apiKeys.find(({ key }) => key === value)
    : undefined;
  if (known === undefined || known.expiresAt <= now()) throw unauthorized();
  return { ...nobody, type: 'API_KEY', shown: null, key: `key/${value}`, goodUntil: known.expiresAt };
}

async function byIam(plan: ApiPlan, ports: AuthorizePorts, credentials: Credentials): Promise<Identity> {
  if (!plan.modes.has('AWS_IAM')) throw unauthorized();
  const authentication = await ports.authenticate(credentials.signed, 'appsync');
  if (authentication === undefined) throw unauthorized();
  if (!authentication.ok) throw new RequestError(403, authentication.code, authentication.message);
  const { caller } = authentication;
  const { arn } = plan.document;
  const userId = 'userId' in caller ? caller.userId : caller.account;
  return {
    ...nobody,
    type: 'AWS_IAM',
    key: `iam/${caller.arn}`,
    shown: {
      accountId: caller.account,
      cognitoIdentityAuthProvider: null,
      cognitoIdentityAuthType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      sourceIp: [credentials.sourceIp],
      userArn: caller.arn,
      username: userId,
    },
    mayAccess: (typeName, fieldName) =>
      ports.authorize(caller, 'appsync:GraphQL', `${arn}/types/${typeName}/fields/${fieldName}`),
  };
}

/** Undefined: no mode of the API takes such a token. */
async function byToken(
  plan: ApiPlan,
  ports: AuthorizePorts,
  credentials: Credentials,
  authorization: string,
): Promise<Identity | undefined> {
  const of = <Type extends AuthorizationType>(type: Type) =>
    (plan.modes.get(type) ?? []) as readonly Extract<AuthorizationMode, { type: Type }>[]; // grouped by type
  const tokens = [...of('AMAZON_COGNITO_USER_POOLS'), ...of('OPENID_CONNECT')];
  const found = await authorizeByToken(tokens, ports, authorization, credentials.sourceIp);
  if (found !== undefined) return found;
  const [lambda] = of('AWS_LAMBDA');
  return lambda === undefined
    ? undefined
    : authorizeByLambda(plan, lambda, ports, credentials, authorization);
}
