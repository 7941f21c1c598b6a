import { expect, test } from 'bun:test';
import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { CALL, mockApi, openControlPlane, refusal } from './testing/control-plane.ts';

async function plans() {
  const plane = openControlPlane();
  const { restApiId } = await mockApi(plane);
  await plane.run.CreateDeployment({ restApiId, stageName: 'dev' }, CALL);
  const apiStages = [{ apiId: restApiId, stage: 'dev' }];
  const plan = await plane.run.CreateUsagePlan({ name: 'p', apiStages }, CALL);
  return { run: plane.run, restApiId, apiStages, plan, usagePlanId: plan.id ?? '' };
}

test('a plan shows its tags only when read by itself', async () => {
  const { run, plan, apiStages, usagePlanId } = await plans();
  const shown = { id: usagePlanId, name: 'p', apiStages };
  expect(plan).toEqual(shown);
  expect(await run.GetUsagePlan({ usagePlanId }, CALL)).toEqual({ ...shown, tags: {} });
  expect((await run.GetUsagePlans({}, CALL)).items).toEqual([shown]);
});

const PATCHES: [string, (stage: string) => PatchOperation[], object | string][] = [
  [
    'throttle and quota',
    () => [
      { op: 'replace', path: '/throttle/burstLimit', value: '100' },
      { op: 'replace', path: '/throttle/rateLimit', value: '200' },
      { op: 'add', path: '/quota/limit', value: '10' },
      { op: 'add', path: '/quota/period', value: 'DAY' },
    ],
    { throttle: { burstLimit: 100, rateLimit: 200 }, quota: { limit: 10, offset: 0, period: 'DAY' } },
  ],
  [
    'one method, as AWS writes its path and as Terraform does',
    (stage) => [
      { op: 'replace', path: `/apiStages/${stage}/throttle/~1pets/GET/rateLimit`, value: '1' },
      { op: 'replace', path: `/apiStages/${stage}/throttle//pets/GET/burstLimit`, value: '2' },
    ],
    { apiStages: [{ throttle: { '/pets/GET': { rateLimit: 1, burstLimit: 2 } } }] },
  ],
  ['a stage leaves', (stage) => [{ op: 'remove', path: '/apiStages', value: stage }], { apiStages: [] }],
  [
    'a stage that is not there leaves',
    () => [{ op: 'remove', path: '/apiStages', value: 'x:y' }],
    'BadRequestException: Invalid API Stage specified',
  ],
  [
    'a path that is none',
    (stage) => [{ op: 'remove', path: `/apiStages/${stage}` }],
    'BadRequestException: Invalid patch path ',
  ],
];
test.each(PATCHES)('UpdateUsagePlan: %s', async (_name, operations, expected) => {
  const { run, restApiId, usagePlanId } = await plans();
  const patchOperations = operations(`${restApiId}:dev`);
  const answer = await refusal(run.UpdateUsagePlan({ usagePlanId, patchOperations }, CALL));
  if (typeof expected === 'string') expect(answer).toStartWith(expected);
  else expect(answer).toMatchObject(expected);
});

test('a plan with stages stays; one with a stage that is not there is not made', async () => {
  const { run, restApiId, usagePlanId } = await plans();
  expect(await refusal(run.DeleteUsagePlan({ usagePlanId }, CALL))).toBe(
    `BadRequestException: Cannot delete Usage Plan ${usagePlanId} because there are API Stages associated with it, including ${restApiId}:dev`,
  );
  const apiStages = [{ apiId: restApiId, stage: 'no' }];
  expect(await refusal(run.CreateUsagePlan({ name: 'q', apiStages }, CALL))).toBe(
    `NotFoundException: Invalid API Stage {api: ${restApiId}, stage: no} specified for usageplan q`,
  );
});

test('a key joins, is listed both ways, and reaches a stage through one plan only', async () => {
  const { run, apiStages, usagePlanId } = await plans();
  const { id: keyId = '', value } = await run.CreateApiKey({ name: 'k', enabled: true }, CALL);
  const joined = await run.CreateUsagePlanKey({ usagePlanId, keyId, keyType: 'API_KEY' }, CALL);
  expect(joined).toEqual({ id: keyId, type: 'API_KEY', value, name: 'k' });
  expect((await run.GetUsagePlans({ keyId }, CALL)).items?.map((plan) => plan.id)).toEqual([usagePlanId]);
  const { id: other } = await run.CreateUsagePlan({ name: 'q', apiStages }, CALL);
  expect(
    await refusal(run.CreateUsagePlanKey({ usagePlanId: other, keyId, keyType: 'API_KEY' }, CALL)),
  ).toStartWith(`ConflictException: Usage Plan ${other} cannot be added because API Key ${keyId}`);
  await run.DeleteApiKey({ apiKey: keyId }, CALL);
  expect((await run.GetUsagePlanKeys({ usagePlanId }, CALL)).items).toEqual([]);
});
