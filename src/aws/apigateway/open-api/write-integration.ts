/** An integration as `x-amazon-apigateway-integration`. */
import type { Integration } from '@aws-sdk/client-api-gateway';
import { limits } from '../../../base/limits.ts';
import { filled, withoutEmpty } from '../shapes.ts';

/** Defaults are left out, words are in lower case, responses are keyed by pattern. */
export function writeIntegration(integration: Integration, resourceId: string | undefined): object {
  const responses = Object.values(integration.integrationResponses ?? {}).map(
    ({ selectionPattern, ...response }) => [selectionPattern || 'default', response] as const,
  );
  const { timeoutInMillis, connectionType } = integration;
  return withoutEmpty({
    httpMethod: integration.httpMethod,
    uri: integration.uri,
    credentials: integration.credentials,
    connectionType: connectionType === 'VPC_LINK' ? connectionType : undefined,
    connectionId: integration.connectionId,
    integrationTarget: integration.integrationTarget,
    responses: filled(Object.fromEntries(responses)),
    requestParameters: integration.requestParameters,
    requestTemplates: integration.requestTemplates,
    passthroughBehavior: integration.passthroughBehavior?.toLowerCase(),
    contentHandling: integration.contentHandling,
    cacheNamespace: integration.cacheNamespace === resourceId ? undefined : integration.cacheNamespace,
    cacheKeyParameters: integration.cacheKeyParameters?.length ? integration.cacheKeyParameters : undefined,
    timeoutInMillis:
      timeoutInMillis === limits.restIntegrationTimeoutMs.default ? undefined : timeoutInMillis,
    tlsConfig: integration.tlsConfig,
    responseTransferMode: integration.responseTransferMode,
    type: integration.type?.toLowerCase(),
  });
}
