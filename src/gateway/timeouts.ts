/** How long an integration may take: what it says, within what the quotas allow. */
import { limits } from '../base/limits.ts';

const RANGE = { rest: limits.restIntegrationTimeoutMs, http: limits.httpIntegrationTimeoutMs };

export function withTimeout(wantedMs: number | undefined, range: keyof typeof RANGE): number {
  const { min, default: usual } = RANGE[range];
  // Above 29 s: Regional and private APIs may be raised on request and AWS names no upper bound, so none is kept here.
  return Math.max(min, wantedMs || usual);
}
