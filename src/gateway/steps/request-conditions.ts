/**
 * Condition keys that a request to an API carries.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html
 */
import type { Routed } from '../plan.ts';

export function requestConditions(call: Routed): Record<string, string> {
  const { request } = call;
  const agent = request.header('user-agent');
  const referer = request.header('referer');
  return {
    'aws:SourceIp': request.sourceIp,
    'aws:SecureTransport': String(request.secure),
    'aws:CurrentTime': new Date(call.receivedAt).toISOString(),
    'aws:EpochTime': String(Math.floor(call.receivedAt / 1000)),
    ...(agent === undefined ? {} : { 'aws:UserAgent': agent }),
    ...(referer === undefined ? {} : { 'aws:Referer': referer }),
  };
}
