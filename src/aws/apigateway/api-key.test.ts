import { expect, test } from 'bun:test';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

test('a key is made, found by name, shown with its value on request', async () => {
  const { run } = openControlPlane();
  const made = await run.CreateApiKey({ name: 'mobile', enabled: true }, CALL);
  expect(made).toEqual({
    id: expect.stringMatching(/^[a-z0-9]{10}$/),
    value: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
    name: 'mobile',
    enabled: true,
    stageKeys: [],
    createdDate: expect.any(Date),
    lastUpdatedDate: expect.any(Date),
  });
  const list = async (nameQuery: string, includeValues: boolean) =>
    (await run.GetApiKeys({ nameQuery, includeValues }, CALL)).items?.map((key) => key.value);
  expect(await list('mob', true)).toEqual([made.value]);
  expect(await list('mob', false)).toEqual([undefined]);
  expect(await list('ile', true)).toEqual([]);
});

test('updates and refusals', async () => {
  const { run } = openControlPlane();
  const value = 'x'.repeat(20);
  const { id: apiKey } = await run.CreateApiKey({ name: 'k', value }, CALL);
  const patch = (op: 'add' | 'replace', path: string, text: string) =>
    refusal(run.UpdateApiKey({ apiKey, patchOperations: [{ op, path, value: text }] }, CALL));
  expect(await patch('replace', '/enabled', 'true')).toMatchObject({ enabled: true, tags: {} });
  expect(await patch('add', '/enabled', 'true')).toStartWith(
    "BadRequestException: Invalid patch path  '/enabled'",
  );
  const refused: [Promise<unknown>, string][] = [
    [run.CreateApiKey({ value }, CALL), 'ConflictException: API Key already exists'],
    [
      run.CreateApiKey({ value: 'short' }, CALL),
      'BadRequestException: API Key value should be at least 20 characters',
    ],
    [
      run.CreateApiKey({ value: 'x'.repeat(129) }, CALL),
      'BadRequestException: API Key value exceeds maximum size of 128 characters',
    ],
    [
      run.CreateApiKey({ name: 'x'.repeat(1025) }, CALL),
      'BadRequestException: Invalid API Key name, can be at most 1024 characters.',
    ],
    [run.GetApiKey({ apiKey: 'x' }, CALL), 'NotFoundException: Invalid API Key identifier specified'],
  ];
  for (const [work, expected] of refused) expect(await refusal(work)).toBe(expected);
});

test('a CSV of keys', async () => {
  const { run } = openControlPlane();
  const { id: planId = '' } = await run.CreateUsagePlan({ name: 'p' }, CALL);
  const csv = [
    'Name,key,description,Enabled,usageplanIds',
    `one,${'a'.repeat(20)},"first, quoted ""so""",TRUE,"${planId},nowhere"`,
    `two,short,,true,`,
    '',
  ].join('\r\n');
  const input = { body: new TextEncoder().encode(csv), format: 'csv' } as const;
  const { ids = [], warnings } = await run.ImportApiKeys(input, CALL);
  expect(warnings).toEqual([
    'Skipped usage plan association for record: 1. Invalid Usage Plan ID specified',
    'Skipped import for record: 2. API Key value should be at least 20 characters',
  ]);
  expect(await run.GetApiKey({ apiKey: ids[0] ?? '' }, CALL)).toMatchObject({
    name: 'one',
    description: 'first, quoted "so"',
    enabled: true,
  });
  const keys = await run.GetUsagePlanKeys({ usagePlanId: planId }, CALL);
  expect(keys.items?.map((key) => key.id)).toEqual(ids);
});
