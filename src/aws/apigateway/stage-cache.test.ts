import { expect, test } from 'bun:test';
import { CALL, mockApi, openControlPlane } from './testing/control-plane.ts';

type Plane = ReturnType<typeof openControlPlane>;
const patched = ({ run }: Plane, restApiId: string, path: string, value: string) =>
  run.UpdateStage({ restApiId, stageName: 'prod', patchOperations: [{ op: 'replace', path, value }] }, CALL);

const ROWS: readonly [string, (plane: Plane, restApiId: string) => Promise<unknown>, string[]][] = [
  ['flushing', ({ run }, restApiId) => run.FlushStageCache({ restApiId, stageName: 'prod' }, CALL), ['prod']],
  ['another size', (plane, id) => patched(plane, id, '/cacheClusterSize', '6.1'), ['prod']],
  ['switching it off', (plane, id) => patched(plane, id, '/cacheClusterEnabled', 'false'), ['prod']],
  ['a variable', (plane, id) => patched(plane, id, '/variables/a', 'b'), []],
  ['a deployment', ({ run }, restApiId) => run.CreateDeployment({ restApiId, stageName: 'prod' }, CALL), []],
  [
    'deleting the stage',
    ({ run }, restApiId) => run.DeleteStage({ restApiId, stageName: 'prod' }, CALL),
    ['prod'],
  ],
  ['deleting the API', ({ run }, restApiId) => run.DeleteRestApi({ restApiId }, CALL), ['undefined']],
];
test.each([...ROWS])('what is cached and %s', async (_name, change, flushed) => {
  const plane = openControlPlane();
  const { restApiId } = await mockApi(plane);
  await plane.run.CreateDeployment({ restApiId, stageName: 'prod', cacheClusterEnabled: true }, CALL);
  await change(plane, restApiId);
  expect(plane.flushed).toEqual(flushed.map((stage) => `${restApiId}/${stage}`));
});
