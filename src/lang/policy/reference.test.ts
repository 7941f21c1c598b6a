/** Random policies and requests: the evaluator against a plain reading of the rules. `bun bench/policies.ts` does a million. */
import { expect, test } from 'bun:test';
import { compareWithReference } from './testing/compare.ts';

test('the evaluator and the plain reading of the rules never differ', () => {
  const { verdicts, difference } = compareWithReference(6_000, 20_261_129);
  expect(difference).toBeUndefined();
  // Of each there are many, or nothing would be compared.
  for (const verdict of ['Allow', 'ExplicitDeny', 'ImplicitDeny'])
    expect(verdicts[verdict]).toBeGreaterThan(800);
});
