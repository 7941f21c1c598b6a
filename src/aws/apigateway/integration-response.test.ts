import { expect, test } from 'bun:test';
import { CALL, mockApi, openControlPlane, refusal } from './testing/control-plane.ts';

async function responses() {
  const plane = openControlPlane();
  const { restApiId, resourceId, httpMethod } = await mockApi(plane);
  return { run: plane.run, place: { restApiId, resourceId, httpMethod, statusCode: '200' } };
}

test('put again overwrites; an update changes one thing', async () => {
  const { run, place } = await responses();
  const responseTemplates = { 'application/json': 'overwrite' };
  await run.PutIntegrationResponse({ ...place, selectionPattern: 'old', responseTemplates }, CALL);
  const changed = await run.UpdateIntegrationResponse(
    { ...place, patchOperations: [{ op: 'replace', path: '/selectionPattern', value: 'new' }] },
    CALL,
  );
  expect(changed).toEqual({ statusCode: '200', selectionPattern: 'new', responseTemplates });
});

test('refusals name what is missing', async () => {
  const { run, place } = await responses();
  const header = { 'method.response.header.x': "'y'" };
  const refused: [Promise<unknown>, string][] = [
    [
      run.GetIntegrationResponse({ ...place, statusCode: '404' }, CALL),
      'NotFoundException: Invalid Response status code specified',
    ],
    [
      run.PutIntegrationResponse({ ...place, httpMethod: 'PUT' }, CALL),
      'NotFoundException: Invalid Method identifier specified',
    ],
    [
      run.DeleteIntegrationResponse({ ...place, httpMethod: 'PUT' }, CALL),
      'NotFoundException: Invalid Integration identifier specified',
    ],
    [
      run.PutIntegrationResponse({ ...place, responseParameters: header }, CALL),
      'BadRequestException: Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression parameter specified: method.response.header.x]',
    ],
    [
      run.PutIntegrationResponse({ ...place, responseTemplates: { '123': '' } }, CALL),
      'BadRequestException: Validation Result: warnings : [], errors : [Invalid content type specified: 123]',
    ],
  ];
  for (const [work, expected] of refused) expect(await refusal(work)).toBe(expected);
});
