import { expect, test } from 'bun:test';
import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { CALL, mockApi, openControlPlane, refusal } from './testing/control-plane.ts';

async function responses() {
  const plane = openControlPlane();
  const { restApiId, resourceId, httpMethod } = await mockApi(plane);
  return { run: plane.run, response: { restApiId, resourceId, httpMethod, statusCode: '200' } };
}

const PATCHES: [string, PatchOperation[], object | string][] = [
  [
    'headers and models',
    [
      { op: 'add', path: '/responseParameters/method.response.header.x', value: 'true' },
      { op: 'add', path: '/responseModels/application~1json', value: 'Empty' },
    ],
    {
      statusCode: '200',
      responseParameters: { 'method.response.header.x': true },
      responseModels: { 'application/json': 'Empty' },
    },
  ],
  [
    'a header that is not there',
    [{ op: 'remove', path: '/responseParameters/method.response.header.x' }],
    'NotFoundException: Invalid parameter name specified',
  ],
  [
    'a type that is not there',
    [{ op: 'replace', path: '/responseModels/application~1xml', value: 'Empty' }],
    'NotFoundException: Content-Type specified was not found',
  ],
  [
    'an unknown path',
    [{ op: 'add', path: '/wrong/method.response.header.my-header', value: 'true' }],
    'BadRequestException: Invalid patch path /wrong/method.response.header.my-header',
  ],
];
test.each(PATCHES)('UpdateMethodResponse: %s', async (_name, patchOperations, expected) => {
  const { run, response } = await responses();
  const answer = await refusal(run.UpdateMethodResponse({ ...response, patchOperations }, CALL));
  if (typeof expected === 'string') expect(answer).toBe(expected);
  else expect(answer).toEqual(expected);
});

test('one status is put once', async () => {
  const { run, response } = await responses();
  expect(await refusal(run.PutMethodResponse(response, CALL))).toBe(
    'ConflictException: Response already exists for this resource',
  );
  await run.DeleteMethodResponse(response, CALL);
  expect(await refusal(run.GetMethodResponse(response, CALL))).toBe(
    'NotFoundException: Invalid Response status code specified',
  );
});
