/** A caller's policies, compiled. */
import type { CallerPolicies } from '../../base/ports.ts';
import { type CompiledPolicy, compilePolicy } from '../../lang/policy/compile.ts';
import type { PolicyKind } from '../../lang/policy/document.ts';
import type { Policies } from '../../lang/policy/evaluate.ts';

export type CompileDocument = (document: string, kind?: PolicyKind) => CompiledPolicy;

export const compilePolicies = (
  { identity, boundary, session }: CallerPolicies,
  compile: CompileDocument,
): Pick<Policies, 'identity' | 'boundary' | 'session'> => ({
  identity: identity.map((document) => compile(document)),
  ...(boundary === undefined ? {} : { boundary: compile(boundary) }),
  ...(session === undefined ? {} : { session: session.map((document) => compile(document)) }),
});

const MOST_POLICIES = 1000;

/** The same text is the same policy: compiled once, the oldest forgotten. */
export function createPolicyCache(): CompileDocument {
  const known = new Map<string, CompiledPolicy>();
  return (document, kind = 'identity') => {
    const name = `${kind} ${document}`;
    const found = known.get(name);
    if (found) return found;
    const policy = compilePolicy(document, { kind });
    if (known.size >= MOST_POLICIES) known.delete(known.keys().next().value ?? '');
    known.set(name, policy);
    return policy;
  };
}
