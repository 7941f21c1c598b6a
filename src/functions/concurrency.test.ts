import { expect, test } from 'bun:test';
import { isFault } from '../base/fault.ts';
import { createConcurrency } from './concurrency.ts';
import { functionOf } from './testing/bench.ts';

const config = functionOf({ kind: 'folder', path: '/nowhere' });
const reasonOf = (work: () => unknown): unknown => {
  try {
    work();
    return 'admitted';
  } catch (thrown) {
    return isFault(thrown) ? thrown.members['Reason'] : thrown;
  }
};

test('what is more than the reserved or the account’s concurrency is refused, each with its reason', () => {
  const { admit } = createConcurrency(2);
  const reserved = { ...config, concurrencyLimit: 1 };
  const giveBack = admit(reserved, false);
  expect(reasonOf(() => admit(reserved, false))).toBe('ReservedFunctionConcurrentInvocationLimitExceeded');
  admit({ ...config, functionArn: 'other' }, false);
  expect(reasonOf(() => admit({ ...config, functionArn: 'third' }, true))).toBe(
    'ConcurrentInvocationLimitExceeded',
  );
  giveBack();
  expect(reasonOf(() => admit(reserved, false))).toBe('admitted');
});

test('ten times the concurrency a second, for calls that wait for an answer', () => {
  let time = 0;
  const { admit } = createConcurrency(100, () => time);
  const reserved = { ...config, concurrencyLimit: 2 };
  const call = (asynchronous = false) => admit(reserved, asynchronous)();
  for (let n = 0; n < 20; n++) call();
  expect(reasonOf(() => call())).toBe('ReservedFunctionInvocationRateLimitExceeded');
  expect(reasonOf(() => call(true))).toBe('admitted');
  time += 100;
  call();
  call();
  expect(reasonOf(() => call())).toBe('ReservedFunctionInvocationRateLimitExceeded');
});
