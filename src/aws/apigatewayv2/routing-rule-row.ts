import type { RoutingRule } from '@aws-sdk/client-apigatewayv2';
import { table } from '../../store/store.ts';

/** AWS's members as they are shown. Key: `{domain name}/{rule id}`. */
export const routingRules = table<RoutingRule>('apigatewayv2.routing-rules');
