/** The two addresses of a user pool of this server: AWS's, which its tokens name, and the one it is reached by. */
const POOL =
  /^(?:https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?|https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]|[\w.-]+\.localhost|localhost\.localstack\.cloud)(?::\d+)?)\/([\w-]+_[0-9A-Za-z]+)\/?$/;

/** The pool whose address it is; undefined for any other issuer. */
export const userPoolOf = (issuer: string): string | undefined => POOL.exec(issuer)?.[1];

/** Whoever fetches the keys for one of a pool's addresses gets those of the same pool: either name is its own. */
export function isSameIssuer(claimed: unknown, expected: string): boolean {
  if (claimed === expected) return true;
  const pool = userPoolOf(expected);
  return pool !== undefined && typeof claimed === 'string' && userPoolOf(claimed) === pool;
}
