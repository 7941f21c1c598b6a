import type { GatewayControl } from '../../gateway/config.ts';
import type { ServicePorts } from '../../wire/service.ts';

/** What HTTP and WebSocket APIs need beside every service's ports: the gateway that serves what is deployed. */
export type ApiGatewayV2Ports = ServicePorts & { readonly gateway: GatewayControl };
