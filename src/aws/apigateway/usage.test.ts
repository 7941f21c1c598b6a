import { expect, test } from 'bun:test';
import { CALL, mockApi, openControlPlane, refusal, SCOPE } from './testing/control-plane.ts';
import { periodOf } from './usage.ts';

const DAY_MS = 86_400_000;

async function used() {
  let now = Date.UTC(2026, 0, 2, 12);
  const plane = openControlPlane({ now: () => now });
  const { restApiId } = await mockApi(plane);
  await plane.run.CreateDeployment({ restApiId, stageName: 'dev' }, CALL);
  const apiStages = [
    { apiId: restApiId, stage: 'dev', throttle: { '/GET': { rateLimit: 1, burstLimit: 2 } } },
  ];
  const quota = { limit: 10, period: 'DAY' } as const;
  const { id: usagePlanId = '' } = await plane.run.CreateUsagePlan({ name: 'p', apiStages, quota }, CALL);
  const { id: keyId = '', value = '' } = await plane.run.CreateApiKey({ name: 'k', enabled: true }, CALL);
  await plane.run.CreateUsagePlanKey({ usagePlanId, keyId, keyType: 'API_KEY' }, CALL);
  const record = (requests: number) =>
    plane.service.recordUsage(SCOPE, {
      usagePlanId,
      apiKeyId: keyId,
      requests,
      quota: { limit: 10, offset: 0, period: 'DAY' },
    });
  const nextDay = () => {
    now += DAY_MS;
  };
  return { ...plane, restApiId, usagePlanId, keyId, value, record, nextDay };
}

test('the gateway finds a key and what its plan allows on the stage', async () => {
  const { service, restApiId, usagePlanId, keyId, value } = await used();
  expect(await service.findApiKey(SCOPE, value, restApiId, 'dev')).toEqual({
    apiKeyId: keyId,
    enabled: true,
    plan: {
      usagePlanId,
      quota: { limit: 10, offset: 0, period: 'DAY' },
      methodThrottles: { '/GET': { rateLimit: 1, burstLimit: 2 } },
    },
  });
  expect(await service.findApiKey(SCOPE, value, restApiId, 'other')).toEqual({
    apiKeyId: keyId,
    enabled: true,
  });
  expect(await service.findApiKey(SCOPE, 'nonsense', restApiId, 'dev')).toBeUndefined();
});

test('a quota is used up, and whole again the next day', async () => {
  const { run, usagePlanId, keyId, record, nextDay } = await used();
  expect([await record(6), await record(4), await record(1)]).toEqual([true, true, false]);
  nextDay();
  expect(await record(3)).toBe(true);
  const usage = await run.GetUsage({ usagePlanId, startDate: '2026-01-01', endDate: '2026-01-03' }, CALL);
  expect(usage.items).toEqual({
    [keyId]: [
      [0, 10],
      [10, 0],
      [3, 7],
    ],
  });
});

test('what remains can be set', async () => {
  const { run, usagePlanId, keyId, record } = await used();
  await record(10);
  const patchOperations = [{ op: 'replace', path: '/remaining', value: '5' }] as const;
  await run.UpdateUsage({ usagePlanId, keyId, patchOperations: [...patchOperations] }, CALL);
  expect([await record(5), await record(1)]).toEqual([true, false]);
});

test('concurrent requests never overdraw', async () => {
  const { record } = await used();
  const answers = await Promise.all(Array.from({ length: 20 }, () => record(1)));
  expect(answers.filter(Boolean)).toHaveLength(10);
});

test.each([
  ['DAY', 0, '2026-01-15'],
  ['WEEK', 0, '2026-01-11'],
  ['WEEK', 5, '2026-01-09'],
  ['MONTH', 0, '2026-01-01'],
  ['MONTH', 20, '2025-12-21'],
] as const)('the period of %s + %d', (period, offset, expected) => {
  expect(periodOf(Date.UTC(2026, 0, 15, 12), { limit: 1, offset, period })).toBe(expected);
});

test('dates are checked', async () => {
  const { run, usagePlanId } = await used();
  const get = (startDate: string, endDate: string) =>
    refusal(run.GetUsage({ usagePlanId, startDate, endDate }, CALL));
  expect(await get('yesterday', '2026-01-01')).toStartWith('BadRequestException: Invalid date');
  expect(await get('2026-01-01', '2026-04-01')).toBe(
    'BadRequestException: Usage can be read for at most 90 days',
  );
});
