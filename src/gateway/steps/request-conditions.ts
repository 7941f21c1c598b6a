/**
 * Condition keys that a request to an API carries.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
 */
import type { Routed } from '../plan.ts';

export function requestConditions(call: Routed): Record<string, string> {
  const { request } = call;
  const agent = request.header('user-agent');
  const referer = request.header('referer');
  const conditions: Record<string, string> = {
    'aws:SourceIp': request.sourceIp,
    'aws:SecureTransport': String(request.secure),
    'aws:CurrentTime': new Date(call.receivedAt).toISOString(),
    'aws:EpochTime': String(Math.floor(call.receivedAt / 1000)),
    'aws:RequestedRegion': call.stage.api.scope.region,
    'aws:ResourceAccount': call.stage.api.scope.account,
  };
  if (agent !== undefined) conditions['aws:UserAgent'] = agent;
  if (referer !== undefined) conditions['aws:Referer'] = referer;
  const { endpoint } = call.target;
  if (endpoint !== undefined) {
    // A request through a VPC endpoint has an address of the VPC, and no public one.
    delete conditions['aws:SourceIp'];
    conditions['aws:VpcSourceIp'] = request.sourceIp;
    conditions['aws:SourceVpce'] = endpoint.vpcEndpointId;
    conditions['aws:SourceVpc'] = endpoint.vpcId;
  }
  return conditions;
}
