import { expect, test } from 'bun:test';
import { CALL, mockApi, openControlPlane, refusal, SCOPE } from './testing/control-plane.ts';
import { periodOf } from './usage-period.ts';

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
  const of = { scope: SCOPE, usagePlanId, apiKeyId: keyId };
  /** How many of so many requests were let through. */
  const request = async (requests: number, limit = 10) => {
    let served = 0;
    for (let i = 0; i < requests; i++)
      if (await plane.service.useQuota(of, { limit, offset: 0, period: 'DAY' })) served++;
    return served;
  };
  const usage = async (endDate = '2026-01-03') =>
    (await plane.run.GetUsage({ usagePlanId, startDate: '2026-01-02', endDate }, CALL)).items?.[keyId];
  const nextDay = () => {
    now += DAY_MS;
  };
  return { ...plane, restApiId, usagePlanId, keyId, value, request, usage, nextDay, of };
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
  const { usage, request, nextDay } = await used();
  expect([await request(6), await request(4), await request(1)]).toEqual([6, 4, 0]);
  nextDay();
  expect(await request(3)).toBe(3);
  expect(await usage()).toEqual([
    [10, 0],
    [3, 7],
  ]);
});

test('what remains can be set', async () => {
  const { run, usagePlanId, keyId, request, usage } = await used();
  await request(10);
  const patchOperations = [{ op: 'replace', path: '/remaining', value: '5' }] as const;
  await run.UpdateUsage({ usagePlanId, keyId, patchOperations: [...patchOperations] }, CALL);
  expect(await request(7)).toBe(5);
  expect(await usage('2026-01-02')).toEqual([[15, 0]]);
});

test('concurrent requests never overdraw', async () => {
  const { service, of } = await used();
  const ask = () => service.useQuota(of, { limit: 10, offset: 0, period: 'DAY' });
  const answers = await Promise.all(Array.from({ length: 50 }, ask));
  expect(answers.filter(Boolean)).toHaveLength(10);
});

test('a large quota is leased in parts; usage tells what was served all the same', async () => {
  const { usage, request } = await used();
  expect(await request(777, 100_000)).toBe(777);
  expect(await usage('2026-01-02')).toEqual([[777, 100_000 - 777]]);
  expect(await request(3, 100_000)).toBe(3);
  expect(await usage('2026-01-02')).toEqual([[780, 100_000 - 780]]);
});

test('a quota that is changed in its period leaves as much more or less', async () => {
  const { request } = await used();
  expect(await request(12)).toBe(10);
  // The gateway asks with the plan as it is now.
  expect(await request(1, 15)).toBe(0);
});

test('after a kill at most a lease and a half is counted that was not served, and the quota holds', async () => {
  const killed = await used();
  const quota = { limit: 1000, offset: 0, period: 'DAY' } as const;
  for (let i = 0; i < 250; i++) await killed.service.useQuota(killed.of, quota);
  // The leases of the killed one are gone with it: another process opens the same rows.
  const { service, run } = openControlPlane({ store: killed.ports.store, now: killed.ports.now });
  let served = 0;
  while ((await service.useQuota(killed.of, quota)) === true) served++;
  expect(served).toBeLessThanOrEqual(750);
  expect(served).toBeGreaterThanOrEqual(750 - 15);
  const day = { startDate: '2026-01-02', endDate: '2026-01-02' };
  const { items } = await run.GetUsage({ usagePlanId: killed.usagePlanId, ...day }, CALL);
  expect(items).toEqual({ [killed.keyId]: [[1000, 0]] });
});

test('two nodes share a quota exactly', async () => {
  const one = await used();
  const other = openControlPlane({ store: one.ports.store, now: one.ports.now });
  const quota = { limit: 500, offset: 0, period: 'DAY' } as const;
  let served = 0;
  for (let i = 0; i < 600; i++) {
    if (await one.service.useQuota(one.of, quota)) served++;
    if (await other.service.useQuota(one.of, quota)) served++;
  }
  expect(served).toBe(500);
});

test('usage without a quota is counted as well', async () => {
  const { service, of, usage, run, usagePlanId } = await used();
  const patchOperations = [{ op: 'remove', path: '/quota' }] as const;
  await run.UpdateUsagePlan({ usagePlanId, patchOperations: [...patchOperations] }, CALL);
  for (let i = 0; i < 130; i++) expect(await service.useQuota(of, undefined)).toBe(true);
  expect((await usage('2026-01-02'))?.[0]?.[0]).toBe(130);
  await service.stop?.();
});

test('a key that is disabled or leaves its plan is seen by the next request', async () => {
  const { service, run, restApiId, value, keyId, usagePlanId } = await used();
  const find = () => service.findApiKey(SCOPE, value, restApiId, 'dev');
  expect((await find())?.enabled).toBe(true);
  await run.UpdateApiKey(
    { apiKey: keyId, patchOperations: [{ op: 'replace', path: '/enabled', value: 'false' }] },
    CALL,
  );
  expect((await find())?.enabled).toBe(false);
  await run.DeleteUsagePlanKey({ usagePlanId, keyId }, CALL);
  expect((await find())?.plan).toBeUndefined();
  await run.DeleteApiKey({ apiKey: keyId }, CALL);
  expect(await find()).toBeUndefined();
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
