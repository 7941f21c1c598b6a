/** The evaluator and the plain reading of the rules, asked the same. */
import { compilePolicy } from '../compile.ts';
import { evaluate } from '../evaluate.ts';
import { type Case, randomCases } from './random-policies.ts';
import { decide } from './reference.ts';

export interface Comparison {
  readonly verdicts: Readonly<Record<string, number>>;
  readonly difference: (Case & { readonly reference: string; readonly evaluator: string }) | undefined;
}

export function compareWithReference(count: number, seed: number): Comparison {
  const next = randomCases(seed);
  const verdicts: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const one = next();
    const { identity, resource, boundary, session, sameAccount } = one.policies;
    const evaluator = evaluate(
      {
        identity: identity.map((policy) => compilePolicy(policy)),
        ...(resource && { resource: compilePolicy(resource, { kind: 'resource' }) }),
        ...(boundary && { boundary: compilePolicy(boundary) }),
        ...(session && { session: session.map((policy) => compilePolicy(policy)) }),
        sameAccount,
      },
      one.request,
    ).effect;
    const reference = decide(one.policies, one.request);
    verdicts[reference] = (verdicts[reference] ?? 0) + 1;
    if (reference !== evaluator) return { verdicts, difference: { ...one, reference, evaluator } };
  }
  return { verdicts, difference: undefined };
}
