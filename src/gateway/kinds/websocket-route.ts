/** What every step of a WebSocket route is compiled from. */
import type { Integration, IntegrationResponse, Route } from '@aws-sdk/client-apigatewayv2';
import type { WebSocketStage } from '../config.ts';
import type { StagePlan } from '../plan.ts';

export interface WebSocketRoute {
  readonly stagePlan: StagePlan;
  readonly stage: WebSocketStage;
  readonly route: Route;
  readonly integration: Integration;
  readonly responses: readonly IntegrationResponse[];
  /**
   * What the integration answers is sent to the client. Always for `$connect`, whose answer is the upgrade's:
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-route-response.html
   */
  readonly twoWay: boolean;
}
