/** A token's claims as events and scopes read them. */
import type { Claims } from '../../lang/jwt/verify-jwt.ts';

/** `scope` as words or `scp` as a list. */
export function scopesOf(claims: Claims): string[] {
  const said = claims['scope'] ?? claims['scp'];
  if (typeof said === 'string') return said.split(' ').filter((scope) => scope !== '');
  return Array.isArray(said) ? said.map(String) : [];
}

/** Events carry claims as text: lists as `[a b]`, objects as JSON, null not at all (recorded). */
export function claimsAsText(claims: Claims): Record<string, string> {
  const members: [string, string][] = [];
  for (const [name, value] of Object.entries(claims)) {
    if (value === null || value === undefined) continue;
    if (Array.isArray(value)) members.push([name, `[${value.map(String).join(' ')}]`]);
    else members.push([name, typeof value === 'object' ? JSON.stringify(value) : String(value)]);
  }
  return Object.fromEntries(members);
}
