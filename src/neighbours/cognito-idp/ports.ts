/** What user pools need of the world beside their rows. */
import type { Invoke, WebAclRequest, WebAclVerdict } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';
import type { ServicePorts } from '../../wire/service.ts';

export interface CognitoPorts extends ServicePorts {
  /** Runs the triggers. */
  readonly invoke: Invoke;
  /** This server, for the links and addresses that hosted pages give out. */
  readonly url: () => string;
  /** `local`: tokens name this server as their issuer; else AWS's own address of the pool, as on AWS. */
  readonly issuer: 'aws' | 'local';
  /** The web ACL in front of a pool; undefined: it has none. */
  readonly inspect?: (
    scope: Scope,
    resourceArn: string,
    request: WebAclRequest,
  ) => Promise<WebAclVerdict | undefined>;
}
