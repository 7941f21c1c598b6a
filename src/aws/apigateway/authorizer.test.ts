import { expect, test } from 'bun:test';
import type { CreateAuthorizerRequest } from '@aws-sdk/client-api-gateway';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

const authorizerUri =
  'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations';
const TOKEN = {
  name: 'auth',
  type: 'TOKEN',
  authorizerUri,
  identitySource: 'method.request.header.Authorization',
} as const;

async function api() {
  const { run } = openControlPlane();
  const { id: restApiId = '', rootResourceId: resourceId } = await run.CreateRestApi({ name: 'a' }, CALL);
  return { run, restApiId, resourceId };
}

const MADE: [string, Omit<CreateAuthorizerRequest, 'restApiId'>, object][] = [
  ['TOKEN', TOKEN, { ...TOKEN, authType: 'custom', authorizerResultTtlInSeconds: 300 }],
  [
    'COGNITO_USER_POOLS',
    {
      name: 'pool',
      type: 'COGNITO_USER_POOLS',
      providerARNs: ['arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_a'],
      identitySource: 'method.request.header.Authorization',
    },
    { authType: 'cognito_user_pools', authorizerResultTtlInSeconds: undefined },
  ],
];
test.each(MADE)('a %s authorizer', async (_name, input, expected) => {
  const { run, restApiId } = await api();
  const made = await run.CreateAuthorizer({ restApiId, ...input }, CALL);
  expect(made).toMatchObject(
    Object.fromEntries(Object.entries(expected).filter(([, value]) => value !== undefined)),
  );
  expect(await run.GetAuthorizer({ restApiId, authorizerId: made.id }, CALL)).toEqual(made);
});

const REFUSED: [string, Partial<CreateAuthorizerRequest>, string][] = [
  [
    'no API',
    { restApiId: 'x' },
    'ConflictException: Unable to complete operation due to concurrent modification. Please try again later.',
  ],
  ['no function', { authorizerUri: 'x' }, 'BadRequestException: Invalid Authorizer URI: x.'],
  [
    'too long a memory',
    { authorizerResultTtlInSeconds: 3601 },
    'BadRequestException: Authorizer result TTL must be between 0 and 3600 seconds',
  ],
  [
    'caching without a source',
    { type: 'REQUEST', identitySource: '' },
    'BadRequestException: Identity source is required when authorization caching is enabled',
  ],
  [
    'a pool that is none',
    { type: 'COGNITO_USER_POOLS', providerARNs: ['x'] },
    'BadRequestException: Invalid Cognito User Pool ARN specified: x',
  ],
];
test.each(REFUSED)('CreateAuthorizer refuses: %s', async (_name, input, expected) => {
  const { run, restApiId } = await api();
  expect(await refusal(run.CreateAuthorizer({ restApiId, ...TOKEN, ...input }, CALL))).toStartWith(expected);
});

test('an authorizer in use stays; ten are enough', async () => {
  const { run, restApiId, resourceId } = await api();
  const { id: authorizerId } = await run.CreateAuthorizer({ restApiId, ...TOKEN }, CALL);
  const method = { restApiId, resourceId, httpMethod: 'GET' };
  await run.PutMethod({ ...method, authorizationType: 'CUSTOM', authorizerId }, CALL);
  expect(await refusal(run.DeleteAuthorizer({ restApiId, authorizerId }, CALL))).toStartWith(
    'ConflictException',
  );
  for (let index = 1; index < 10; index++)
    await run.CreateAuthorizer({ restApiId, ...TOKEN, name: `a${index}` }, CALL);
  expect(await refusal(run.CreateAuthorizer({ restApiId, ...TOKEN, name: 'more' }, CALL))).toStartWith(
    'LimitExceededException: Maximum number of Authorizers',
  );
});
