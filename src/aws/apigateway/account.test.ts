import { expect, test } from 'bun:test';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

test('the logging role is set, cleared and checked', async () => {
  const { run } = openControlPlane();
  const set = (value: string) =>
    refusal(
      run.UpdateAccount({ patchOperations: [{ op: 'replace', path: '/cloudwatchRoleArn', value }] }, CALL),
    );
  const account = {
    throttleSettings: { burstLimit: 5000, rateLimit: 10_000 },
    features: ['UsagePlans'],
    apiKeyVersion: '4',
  };
  const role = 'arn:aws:iam::123456789012:role/logs';
  expect(await set(role)).toEqual({ ...account, cloudwatchRoleArn: role });
  expect(await set('nonsense')).toBe(
    'BadRequestException: The role ARN does not have required permissions set to API Gateway',
  );
  expect(await set('')).toEqual(account);
  expect(await run.GetAccount({}, CALL)).toEqual(account);
});
