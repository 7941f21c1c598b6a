import { expect, test } from 'bun:test';
import type { PatchOperation, PutMethodRequest } from '@aws-sdk/client-api-gateway';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

async function api() {
  const { run } = openControlPlane();
  const { id: restApiId = '', rootResourceId: resourceId = '' } = await run.CreateRestApi(
    { name: 'a' },
    CALL,
  );
  return { run, restApiId, resourceId, method: { restApiId, resourceId, httpMethod: 'ANY' } };
}

const REFUSED: [string, Partial<PutMethodRequest>, string][] = [
  ['wrong API', { restApiId: 'x' }, 'NotFoundException: Invalid Resource identifier specified'],
  ['wrong resource', { resourceId: 'x' }, 'NotFoundException: Invalid Resource identifier specified'],
  [
    'wrong method',
    { httpMethod: 'MADEUP' },
    'BadRequestException: Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY',
  ],
  [
    'no authorizer',
    { authorizationType: 'CUSTOM' },
    'BadRequestException: Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.',
  ],
  [
    'wrong validator',
    { requestValidatorId: 'x' },
    'BadRequestException: Invalid Request Validator identifier specified',
  ],
  [
    'wrong model',
    { requestModels: { 'application/json': 'petModel' } },
    'BadRequestException: Invalid model identifier specified: petModel',
  ],
  [
    'one name in two places',
    { requestParameters: { 'method.request.path.a': true, 'method.request.querystring.a': true } },
    'BadRequestException: Parameter names must be unique across querystring, header and path',
  ],
];
test.each(REFUSED)('PutMethod refuses: %s', async (_name, input, expected) => {
  const { run, method } = await api();
  expect(await refusal(run.PutMethod({ ...method, authorizationType: 'NONE', ...input }, CALL))).toBe(
    expected,
  );
});

const PATCHES: [string, PatchOperation[], object | string][] = [
  [
    'parameters and models come',
    [
      { op: 'add', path: '/requestParameters/method.request.querystring.q', value: 'true' },
      { op: 'add', path: '/requestModels/application~1json', value: 'Empty' },
    ],
    {
      requestParameters: { 'method.request.querystring.q': true },
      requestModels: { 'application/json': 'Empty' },
    },
  ],
  [
    'anything but true is false',
    [{ op: 'replace', path: '/apiKeyRequired', value: 'whatever' }],
    { apiKeyRequired: false },
  ],
  [
    'an authorizer id means nothing where there is no authorizer',
    [{ op: 'replace', path: '/authorizerId', value: 'abc' }],
    { httpMethod: 'ANY', authorizationType: 'NONE', apiKeyRequired: true },
  ],
  [
    'only replace for scalars',
    [{ op: 'add', path: '/authorizationType', value: 'NONE' }],
    'BadRequestException: Invalid patch operation specified. Must be one of: [replace]',
  ],
  [
    'unknown path',
    [{ op: 'replace', path: '/httpMethod', value: 'GET' }],
    'BadRequestException: Invalid patch path /httpMethod',
  ],
  [
    'a slash that is not escaped',
    [{ op: 'add', path: '/requestModels/application/json', value: 'Empty' }],
    'BadRequestException: Invalid patch path /requestModels/application/json',
  ],
];
test.each(PATCHES)('UpdateMethod: %s', async (_name, patchOperations, expected) => {
  const { run, method } = await api();
  await run.PutMethod({ ...method, authorizationType: 'NONE', apiKeyRequired: true }, CALL);
  const answer = await refusal(run.UpdateMethod({ ...method, patchOperations }, CALL));
  if (typeof expected === 'string') expect(answer).toBe(expected);
  else expect(answer).toMatchObject(expected);
});

test('a deleted method is gone', async () => {
  const { run, method } = await api();
  await run.PutMethod({ ...method, authorizationType: 'NONE' }, CALL);
  await run.DeleteMethod(method, CALL);
  const missing = 'NotFoundException: Invalid Method identifier specified';
  expect(await refusal(run.GetMethod(method, CALL))).toBe(missing);
  expect(await refusal(run.DeleteMethod(method, CALL))).toBe(missing);
});

test('many methods put side by side all stay', async () => {
  const { run, restApiId, resourceId } = await api();
  const verbs = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'];
  const put = (httpMethod: string) =>
    run.PutMethod({ restApiId, resourceId, httpMethod, authorizationType: 'NONE' }, CALL);
  await Promise.all(verbs.map(put));
  const resource = await run.GetResource({ restApiId, resourceId, embed: ['methods'] }, CALL);
  expect(Object.keys(resource.resourceMethods ?? {})).toEqual(verbs.toSorted());
});
