/** What user pools need of the world beside their rows. */
import type { Invoke, WebAclRequest, WebAclVerdict } from '../../base/ports.ts';
import type { RandomBytes } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { ServicePorts } from '../../wire/service.ts';
import type { KeyRow } from './rows.ts';

export interface CognitoPorts extends ServicePorts {
  /** Runs the triggers. */
  readonly invoke: Invoke;
  /** This server, for the links and addresses that hosted pages give out. */
  readonly url: () => string;
  /** A pool's key; absent: made of the system's own randomness. */
  readonly makeSigningKey?: (random: RandomBytes) => Promise<KeyRow>;
  /** `local`: tokens name this server as their issuer; else AWS's own address of the pool, as on AWS. */
  readonly issuer: 'aws' | 'local';
  /** The web ACL in front of a pool; undefined: it has none. */
  readonly inspect?: (
    scope: Scope,
    resourceArn: string,
    request: WebAclRequest,
  ) => Promise<WebAclVerdict | undefined>;
}
