/** How AWS words that policies do not let a call pass. */
import type { PolicySource, Verdict } from './evaluate.ts';

const KINDS: Readonly<Record<PolicySource, string>> = {
  identity: 'identity-based policy',
  resource: 'resource-based policy',
  boundary: 'permissions boundary',
  session: 'session policy',
};

/**
 * What follows the resource in an AccessDenied text.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function denialReason({ effect, policy = 'identity' }: Verdict, action: string): string {
  const kind = KINDS[policy];
  return effect === 'ExplicitDeny'
    ? `with an explicit deny in ${article(kind)} ${kind}`
    : `because no ${kind} allows the ${action} action`;
}

const article = (noun: string): string => (noun.startsWith('i') ? 'an' : 'a');
