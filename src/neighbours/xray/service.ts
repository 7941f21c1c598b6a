/** X-Ray, embedded: segments of this server and of others, found again by time and filter; sampling rules; groups. */
import type * as sdk from '@aws-sdk/client-xray';
import type { SamplingRule } from '@aws-sdk/client-xray';
import { reasonOf } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { groupOperations } from './group.ts';
import type { XRayPorts } from './ports.ts';
import { rulesOf, samplingRuleOperations } from './sampling-rule.ts';
import { absorb, traceOperations } from './trace.ts';

export interface XRay extends ServiceInstance {
  /** Writes down what this server traced of itself. Never rejects. */
  flush(): Promise<void>;
  samplingRules(scope: Scope): Promise<readonly SamplingRule[]>;
}

export function createXRay(ports: XRayPorts): XRay {
  const handlers = {
    ...traceOperations(ports),
    ...samplingRuleOperations(ports),
    ...groupOperations(ports),
  } satisfies HandlersOf<typeof sdk>;
  const flush = (): Promise<void> =>
    absorb(ports).catch((error: unknown) =>
      ports.log('error', 'traces were lost', { reason: reasonOf(error) }),
    );
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: handlers as unknown as Handlers,
    flush,
    samplingRules: async (scope) => (await rulesOf(ports.store, scope)).map(({ rule }) => rule),
    stop: flush,
  };
}
