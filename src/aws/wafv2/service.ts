/** AWS WAF (version 2): web ACLs of this region's REST APIs, AppSync APIs and user pools. */
import type * as sdk from '@aws-sdk/client-wafv2';
import type { Handler, Handlers, HandlersOf, ServiceInstance } from '../../wire/service.ts';
import { type AssociationRoom, associationOperations } from './association.ts';
import { createInspection, type Inspection } from './inspection.ts';
import { ipSetOperations } from './ip-set.ts';
import { loggingOperations } from './logging.ts';
import type { WafPorts } from './ports.ts';
import { regexPatternSetOperations } from './regex-pattern-set.ts';
import { resourceTypes } from './resource-types/all.ts';
import { ruleGroupOperations } from './rule-group.ts';
import { createSampler, sampledRequestOperations } from './sampled-requests.ts';
import { tagOperations } from './tags.ts';
import { webAclOperations } from './web-acl.ts';

export interface WafService extends ServiceInstance, Pick<Inspection, 'inspect' | 'inspectResource'> {}

export function createWaf(ports: WafPorts): WafService {
  const sampler = createSampler(ports.now);
  const inspection = createInspection(ports, sampler);
  const room: AssociationRoom = { ...ports, forget: inspection.forget };
  const handlers = {
    ...ipSetOperations(ports),
    ...regexPatternSetOperations(ports),
    ...ruleGroupOperations(ports),
    ...webAclOperations(room),
    ...associationOperations(room),
    ...loggingOperations(ports),
    ...sampledRequestOperations(ports, sampler, inspection),
    ...tagOperations(ports),
  } satisfies HandlersOf<typeof sdk>;
  return {
    // Each handler has its own input type; the table above is checked against the SDK's operations.
    handlers: telling(handlers as unknown as Handlers, inspection.changed),
    resourceTypes,
    inspect: inspection.inspect,
    inspectResource: inspection.inspectResource,
  };
}

/** After every operation that is no question: what it changed is asked for again. */
function telling(handlers: Handlers, changed: () => void): Handlers {
  const told = Object.entries(handlers).map(([name, handler]): [string, Handler] => [
    name,
    /^(?:Get|List|Check)/.test(name) ? handler : (input, call) => handler(input, call).finally(changed),
  ]);
  return Object.fromEntries(told);
}
