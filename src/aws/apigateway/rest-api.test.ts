import { expect, test } from 'bun:test';
import type { CreateRestApiRequest, PatchOperation } from '@aws-sdk/client-api-gateway';
import { ACCOUNT, CALL, mockApi, openControlPlane, refusal } from './testing/control-plane.ts';

test('a new API has AWS defaults, a root resource and the two default models', async () => {
  const { run } = openControlPlane();
  const api = await run.CreateRestApi({ name: 'orders' }, CALL);
  expect(api).toEqual({
    id: expect.stringMatching(/^[a-z0-9]{10}$/),
    name: 'orders',
    createdDate: new Date('2026-01-02T03:04:05Z'),
    apiKeySource: 'HEADER',
    endpointConfiguration: { types: ['EDGE'], ipAddressType: 'ipv4', vpcEndpointIds: undefined },
    disableExecuteApiEndpoint: false,
    rootResourceId: expect.stringMatching(/^[a-z0-9]{10}$/),
  });
  const restApiId = api.id ?? '';
  expect(await run.GetResources({ restApiId }, CALL)).toMatchObject({
    items: [{ id: api.rootResourceId, path: '/' }],
  });
  const models = await run.GetModels({ restApiId }, CALL);
  expect(models.items?.map((model) => model.name)).toEqual(['Empty', 'Error']);
  expect((await run.GetRestApi({ restApiId }, CALL)).tags).toEqual({});
});

const REFUSED: [string, Partial<CreateRestApiRequest>, string][] = [
  ['empty description', { description: '' }, 'BadRequestException: Description cannot be an empty string'],
  [
    'negative compression',
    { minimumCompressionSize: -1 },
    'BadRequestException: Invalid minimum compression size, must be between 0 and 10485760',
  ],
  [
    'no endpoint type',
    { endpointConfiguration: { types: [] } },
    'BadRequestException: REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.',
  ],
  [
    'two endpoint types',
    { endpointConfiguration: { types: ['EDGE', 'REGIONAL'] } },
    'BadRequestException: Cannot create an api with multiple Endpoint Types.',
  ],
  [
    'private over IPv4 alone',
    { endpointConfiguration: { types: ['PRIVATE'], ipAddressType: 'ipv4' } },
    'BadRequestException: Only dualstack ipAddressType is supported for Private APIs.',
  ],
];
test.each(REFUSED)('CreateRestApi refuses %s', async (_name, input, expected) => {
  const { run } = openControlPlane();
  expect(await refusal(run.CreateRestApi({ name: 'orders', ...input }, CALL))).toBe(expected);
});

const PATCHES: [string, PatchOperation[], object | string][] = [
  [
    'adds and replaces binary types',
    [
      { op: 'add', path: '/binaryMediaTypes/image~1png' },
      { op: 'add', path: '/binaryMediaTypes/image~1jpeg' },
      { op: 'replace', path: '/binaryMediaTypes/image~1png', value: 'image/gif' },
    ],
    { binaryMediaTypes: ['image/jpeg', 'image/gif'] },
  ],
  [
    'binary types need a name',
    [{ op: 'add', path: '/binaryMediaTypes', value: 'image/gif' }],
    'BadRequestException: Invalid patch path /binaryMediaTypes',
  ],
  [
    'compression is replaced only',
    [{ op: 'add', path: '/minimumCompressionSize', value: '10' }],
    'BadRequestException: Invalid patch operation specified. Must be one of: [replace]',
  ],
  [
    'an unknown endpoint type',
    [{ op: 'replace', path: '/endpointConfiguration/types/0', value: 'wrong' }],
    'BadRequestException: Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE',
  ],
  [
    'private brings dualstack',
    [{ op: 'replace', path: '/endpointConfiguration/types/EDGE', value: 'PRIVATE' }],
    { endpointConfiguration: { types: ['PRIVATE'], ipAddressType: 'dualstack' } },
  ],
  [
    'the policy comes back escaped, its short ARNs written out',
    [
      {
        op: 'replace',
        path: '/policy',
        value: '{"Statement": [{"Resource": "execute-api:/prod/*"}]}',
      },
    ],
    {
      policy: expect.stringMatching(
        /^\{\\"Statement\\":\[\{\\"Resource\\":\\"arn:aws:execute-api:eu-west-1:123456789012:[a-z0-9]{10}\/prod\/\*\\"\}\]\}$/,
      ),
    },
  ],
];
test.each(PATCHES)('UpdateRestApi: %s', async (_name, patchOperations, expected) => {
  const { run } = openControlPlane();
  const { id } = await run.CreateRestApi({ name: 'orders' }, CALL);
  const answer = await refusal(run.UpdateRestApi({ restApiId: id, patchOperations }, CALL));
  if (typeof expected === 'string') expect(answer).toBe(expected);
  else expect(answer).toMatchObject(expected);
});

test('an id pinned by tag is the API id, once', async () => {
  const { run } = openControlPlane();
  const input = { name: 'orders', tags: { _custom_id_: 'orders1' } };
  expect((await run.CreateRestApi(input, CALL)).id).toBe('orders1');
  expect(await refusal(run.CreateRestApi(input, CALL))).toStartWith('ConflictException');
});

test('an API is invisible from another region and gone when deleted, everything below it too', async () => {
  const plane = openControlPlane();
  const { restApiId, resourceId } = await mockApi(plane);
  const elsewhere = { ...CALL, scope: { ...CALL.scope, region: 'us-west-2' } };
  const missing = `NotFoundException: Invalid API identifier specified ${ACCOUNT}:${restApiId}`;
  expect(await refusal(plane.run.GetRestApi({ restApiId }, elsewhere))).toBe(missing);
  await plane.run.DeleteRestApi({ restApiId }, CALL);
  expect(await refusal(plane.run.GetRestApi({ restApiId }, CALL))).toBe(missing);
  expect(await refusal(plane.run.GetResource({ restApiId, resourceId }, CALL))).toBe(
    'NotFoundException: Invalid Resource identifier specified',
  );
  expect(plane.forgotten).toEqual([restApiId]);
});

test('lists page by position', async () => {
  const { run } = openControlPlane();
  for (const name of ['a', 'b', 'c']) await run.CreateRestApi({ name }, CALL);
  const first = await run.GetRestApis({ limit: 2 }, CALL);
  const second = await run.GetRestApis({ limit: 2, position: first.position }, CALL);
  const names = [...(first.items ?? []), ...(second.items ?? [])].map((api) => api.name).toSorted();
  expect(names).toEqual(['a', 'b', 'c']);
  expect(second.position).toBeUndefined();
});

test('cloneFrom copies resources with their methods', async () => {
  const plane = openControlPlane();
  const { restApiId, resourceId, httpMethod } = await mockApi(plane);
  const copy = await plane.run.CreateRestApi({ name: 'copy', cloneFrom: restApiId }, CALL);
  const method = await plane.run.GetMethod({ restApiId: copy.id, resourceId, httpMethod }, CALL);
  expect(method.methodIntegration?.type).toBe('MOCK');
});
