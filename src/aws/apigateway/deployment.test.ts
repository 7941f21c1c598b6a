import { expect, test } from 'bun:test';
import { CALL, mockApi, openControlPlane, refusal } from './testing/control-plane.ts';

test('a deployment keeps the API as it was, whatever happens to it later', async () => {
  const plane = openControlPlane();
  const { restApiId, resourceId } = await mockApi(plane);
  await plane.run.CreateDeployment({ restApiId, stageName: 'prod' }, CALL);
  await plane.run.DeleteMethod({ restApiId, resourceId, httpMethod: 'GET' }, CALL);
  const document = await plane.service.loadApi(restApiId);
  const stage = document?.kind === 'REST' ? document.stages['prod'] : undefined;
  expect(stage?.definition.resources).toMatchObject([
    { path: '/', resourceMethods: { GET: { methodIntegration: { type: 'MOCK' } } } },
  ]);
  expect(plane.forgotten).toEqual([restApiId]);
});

test('the summary is embedded on request', async () => {
  const { run, ...plane } = openControlPlane();
  const { restApiId } = await mockApi({ run, ...plane });
  const { id: deploymentId } = await run.CreateDeployment({ restApiId, description: 'first' }, CALL);
  expect(await run.GetDeployment({ restApiId, deploymentId, embed: ['apisummary'] }, CALL)).toMatchObject({
    description: 'first',
    apiSummary: { '/': { GET: { authorizationType: 'NONE', apiKeyRequired: false } } },
  });
});

test('what cannot be deployed', async () => {
  const { run } = openControlPlane();
  const api = await run.CreateRestApi({ name: 'empty' }, CALL);
  const restApiId = api.id ?? '';
  expect(await refusal(run.CreateDeployment({ restApiId }, CALL))).toBe(
    "BadRequestException: The REST API doesn't contain any methods",
  );
  const method = { restApiId, resourceId: api.rootResourceId ?? '', httpMethod: 'GET' };
  await run.PutMethod({ ...method, authorizationType: 'NONE' }, CALL);
  expect(await refusal(run.CreateDeployment({ restApiId }, CALL))).toBe(
    'BadRequestException: No integration defined for method',
  );
});

test('an id of no API loads nothing', async () => {
  expect(await openControlPlane().service.loadApi('nowhere')).toBeUndefined();
});
