/** A WebSocket API's integrations: defaults and what AWS refuses. */
import { limits } from '../../base/limits.ts';
import { badRequest } from './faults.ts';
import type { NewIntegration } from './integration.ts';
import type { IntegrationRow } from './integration-row.ts';
import { checkSelection, checkWebSocketMapping } from './websocket-checks.ts';

/** As Terraform's acceptance tests read them back after creation. */
const SELECTION: Partial<Record<string, string>> = {
  AWS: '${integration.response.body.errorMessage}',
  AWS_PROXY: '${integration.response.body.errorMessage}',
  HTTP: '${integration.response.statuscode}',
  HTTP_PROXY: '${integration.response.statuscode}',
};

export function completeWebSocketIntegration(integration: NewIntegration) {
  return {
    ...integration,
    ConnectionType: integration.ConnectionType ?? ('INTERNET' as const),
    IntegrationResponseSelectionExpression: SELECTION[integration.IntegrationType ?? ''],
    PassthroughBehavior: integration.PassthroughBehavior ?? ('WHEN_NO_MATCH' as const),
    PayloadFormatVersion: integration.PayloadFormatVersion ?? '1.0',
    TimeoutInMillis: integration.TimeoutInMillis ?? limits.webSocketIntegrationTimeoutMs.default,
  };
}

/** Throws BadRequestException. */
export function checkWebSocketIntegration(row: IntegrationRow): void {
  const { min, max } = limits.webSocketIntegrationTimeoutMs;
  const timeout = row.TimeoutInMillis ?? max;
  if (timeout < min || timeout > max) throw badRequest(`Timeout should be between ${min} ms and ${max} ms`);
  if (row.IntegrationType !== 'MOCK' && !row.IntegrationUri)
    throw badRequest('IntegrationUri is a required parameter for integration');
  if (row.PayloadFormatVersion !== '1.0')
    throw badRequest(`PayloadFormatVersion ${row.PayloadFormatVersion} is not supported`);
  checkSelection(row.TemplateSelectionExpression);
  checkWebSocketMapping(row.RequestParameters ?? {});
  for (const name of ['IntegrationSubtype', 'TlsConfig'] as const)
    if (row[name]) throw badRequest(`${name} is supported only for HTTP APIs`);
}
