import type { DomainControl, GatewayControl } from '../../gateway/config.ts';
import type { ServicePorts } from '../../wire/service.ts';

/** What HTTP and WebSocket APIs need beside every service's ports: the gateway that serves what is deployed. */
export interface ApiGatewayV2Ports extends ServicePorts {
  readonly gateway: GatewayControl;
  /** Absent: nobody serves custom domain names. */
  readonly domains?: DomainControl;
}
