/** What user pools need of the world beside their rows. */
import type { Invoke } from '../../base/ports.ts';
import type { ServicePorts } from '../../wire/service.ts';

export interface CognitoPorts extends ServicePorts {
  /** Runs the triggers. */
  readonly invoke: Invoke;
  /** This server, for the links and addresses that hosted pages give out. */
  readonly url: () => string;
  /** `local`: tokens name this server as their issuer; else AWS's own address of the pool, as on AWS. */
  readonly issuer: 'aws' | 'local';
}
