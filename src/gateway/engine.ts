/** What lives as long as the gateway and is shared by every plan. */
import { type Counters, createMemoryCounters } from '../base/counters.ts';
import type { GatewayPorts } from './ports.ts';
import { createHttpConnections, type HttpConnections } from './integrations/http-connections.ts';
import { createRequestIds, type RequestIds } from './request-ids.ts';
import { createLiveConnections, type LiveConnections } from './sockets/live-connections.ts';

export interface Engine {
  readonly ports: GatewayPorts;
  readonly ids: RequestIds;
  readonly connections: HttpConnections;
  readonly counters: Counters;
  readonly live: LiveConnections;
}

export const createEngine = (ports: GatewayPorts): Engine => ({
  ports,
  ids: createRequestIds(ports.random),
  connections: createHttpConnections(),
  counters: ports.counters ?? createMemoryCounters(ports.now),
  live: createLiveConnections(ports.now),
});
