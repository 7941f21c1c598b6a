/** What API Gateway's control plane needs besides what every service gets. */
import type {
  DomainControl,
  RestGatewayControl,
  TestInvoke,
  TestInvokeAuthorizer,
} from '../../gateway/config.ts';
import type { ServicePorts } from '../../wire/service.ts';

export interface ApiGatewayPorts extends ServicePorts {
  readonly gateway: RestGatewayControl;
  /** Absent: nobody serves custom domain names. */
  readonly domains?: DomainControl;
  /** Absent: TestInvokeMethod is refused by name. */
  readonly testInvoke?: TestInvoke;
  /** Absent: TestInvokeAuthorizer is refused by name. */
  readonly testInvokeAuthorizer?: TestInvokeAuthorizer;
}
