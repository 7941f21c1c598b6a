/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
import type { Element, PrincipalEntry } from './document.ts';

/** Who asks. */
export type Principal =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'service'; readonly service: string }
  | { readonly kind: 'federated'; readonly provider: string }
  | {
      readonly kind: 'root' | 'user' | 'assumed-role';
      readonly account: string;
      /** Of a session: `arn:aws:sts::123456789012:assumed-role/Role/session`. */
      readonly arn: string;
      /** `AIDA...`, `AROA...:session`. */
      readonly userId?: string;
    };

/**
 * How a statement names a principal, the closest first. An account that is named has only handed the question on to
 * its own identity policies; a role that is named leaves its sessions under boundary and session policy.
 */
export type Naming = 'itself' | 'role' | 'everyone' | 'account';

const CLOSEST: readonly Naming[] = ['itself', 'everyone', 'role', 'account'];

export type PrincipalTest = (principal: Principal) => Naming | undefined;

export function compilePrincipal(
  element: Element<PrincipalEntry>,
  effect: 'Allow' | 'Deny' = 'Allow',
): PrincipalTest {
  const tests = element.values.map(compileEntry);
  if (element.negated) return (principal) => (isExempt(tests, principal, effect) ? undefined : 'everyone');
  return (principal) => {
    let best: Naming | undefined;
    for (const test of tests) {
      const naming = test(principal);
      if (naming !== undefined && (best === undefined || CLOSEST.indexOf(naming) < CLOSEST.indexOf(best)))
        best = naming;
    }
    return best;
  };
}

/**
 * A deny spares a user or a session only where the statement names it and its account as well; an allow that is turned
 * around spares whoever is named at all. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function isExempt(tests: readonly PrincipalTest[], principal: Principal, effect: 'Allow' | 'Deny'): boolean {
  const namings = tests.map((test) => test(principal)).filter((naming) => naming !== undefined);
  if (effect === 'Allow' || !('account' in principal) || principal.kind === 'root') return namings.length > 0;
  if (namings.includes('everyone')) return true;
  return namings.includes('account') && namings.some((naming) => naming === 'itself' || naming === 'role');
}

function compileEntry({ type, value }: PrincipalEntry): PrincipalTest {
  if (value === '*' && type === 'AWS') return () => 'everyone';
  switch (type) {
    case 'AWS':
      return compileAws(value);
    case 'Service':
      return (principal) =>
        principal.kind === 'service' && (value === '*' || principal.service === value) ? 'itself' : undefined;
    case 'Federated':
      return (principal) =>
        principal.kind === 'federated' && (value === '*' || principal.provider === value)
          ? 'itself'
          : undefined;
    default:
      // Canonical users are S3's way of naming accounts by an id that we do not have.
      return () => undefined;
  }
}

function compileAws(value: string): PrincipalTest {
  const account = /^(\d{12})$|^arn:[^:]+:iam::(\d{12}):root$/.exec(value);
  if (account !== null) {
    const id = account[1] ?? account[2];
    return (principal) => {
      if (!('account' in principal) || principal.account !== id) return undefined;
      return principal.kind === 'root' ? 'itself' : 'account';
    };
  }
  const role = /^arn:[^:]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(value);
  if (role !== null) {
    // A session's ARN has the role's name only, without its path.
    const [, id, name] = role;
    const sessions = new RegExp(`^arn:[^:]+:sts::${id}:assumed-role/${escapeText(name ?? '')}/`);
    return (principal) =>
      principal.kind === 'assumed-role' && sessions.test(principal.arn) ? 'role' : undefined;
  }
  return (principal) => {
    if (!('account' in principal)) return undefined;
    if (principal.arn === value || principal.userId === value) return 'itself';
    // A role by its id: its sessions have the id and a name of their own.
    return principal.userId?.split(':')[0] === value ? 'role' : undefined;
  };
}

const escapeText = (value: string): string => value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
