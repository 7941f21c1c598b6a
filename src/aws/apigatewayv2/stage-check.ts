/** What a stage may hold: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html */
import type { RouteSettings, UpdateStageRequest } from '@aws-sdk/client-apigatewayv2';
import { parseArn } from '../../base/arn.ts';
import { limits } from '../../base/limits.ts';
import type { Change } from './change.ts';
import { deployments } from './deployment-row.ts';
import { badRequest, missing, missingSettingsRoute } from './faults.ts';
import { routes } from './route-row.ts';
import type { StageRow } from './stage-row.ts';

const NAME = /^(\$default|[A-Za-z0-9_-]{1,128})$/;
const VARIABLE_NAME = /^[A-Za-z0-9_]+$/;
const VARIABLE_VALUE = /^[A-Za-z0-9-._~:/?#&=,]+$/;

/** What `GetStage` shows on a stage that was made without settings. */
export const defaultRouteSettings = (protocol: 'HTTP' | 'WEBSOCKET'): RouteSettings =>
  protocol === 'HTTP'
    ? { DetailedMetricsEnabled: false }
    : { DataTraceEnabled: false, DetailedMetricsEnabled: false, LoggingLevel: 'OFF' };

/** What the caller named: routes deleted since they got settings do not stop other changes. */
type Named = Pick<UpdateStageRequest, 'DeploymentId' | 'RouteSettings'>;

/** Throws BadRequestException or NotFoundException. */
export async function checkStage(change: Change, row: StageRow, named: Named): Promise<void> {
  if (!NAME.test(row.StageName)) throw badRequest('Stage name only allows a-zA-Z0-9_- and $default');
  if (row.StageName === '$default' && change.api.ProtocolType === 'WEBSOCKET')
    throw badRequest('$default stage is supported only for HTTP APIs');
  checkVariables(row);
  checkAccessLog(row);
  if (change.api.ProtocolType === 'HTTP') checkHttpStage(row);
  await checkSettingsRoutes(change, Object.keys(named.RouteSettings ?? {}));
  if (named.DeploymentId) await checkDeployment(change, row, named.DeploymentId);
}

function checkVariables({ StageVariables: variables = {} }: StageRow): void {
  const entries = Object.entries(variables);
  if (entries.length > limits.httpApiStageVariables)
    throw badRequest(`A stage can have at most ${limits.httpApiStageVariables} stage variables`);
  for (const [name, value] of entries) {
    if (!VARIABLE_NAME.test(name)) throw badRequest('Stage variable name only allows a-zA-Z0-9_');
    if (!VARIABLE_VALUE.test(value))
      throw badRequest(
        'Invalid stage variable value. Please use values with alphanumeric characters and the symbols "-._~:/?#&=,".',
      );
  }
}

function checkAccessLog({ AccessLogSettings: settings }: StageRow): void {
  if (!settings?.DestinationArn && !settings?.Format) return;
  const service = parseArn(settings.DestinationArn ?? '')?.service;
  if (service !== 'logs' && service !== 'firehose')
    throw badRequest(
      `Invalid ARN specified in the request. ARNs must be of a log group or delivery stream: ${settings.DestinationArn}`,
    );
  if (Buffer.byteLength(settings.Format ?? '') > limits.httpApiAccessLogFormatBytes)
    throw badRequest(`Access log format must be at most ${limits.httpApiAccessLogFormatBytes} bytes`);
}

/** As reported by Terraform's users of `logging_level` on HTTP APIs. */
function checkHttpStage(row: StageRow): void {
  const all = [row.DefaultRouteSettings ?? {}, ...Object.values(row.RouteSettings ?? {})];
  if (all.some((one) => one.DataTraceEnabled || (one.LoggingLevel ?? 'OFF') !== 'OFF'))
    throw badRequest('Execution logs are not supported on protocolType HTTP');
  if (row.ClientCertificateId) throw badRequest('Client certificates are supported only for WebSocket APIs');
}

async function checkSettingsRoutes({ rows, scope, api }: Change, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  const known = (await rows.list(routes, scope, { prefix: `${api.ApiId}/` })).map(
    (entry) => entry.row.RouteKey,
  );
  const unknown = keys.find((key) => !known.includes(key));
  if (unknown !== undefined) throw missingSettingsRoute(unknown);
}

async function checkDeployment({ rows, scope, api }: Change, row: StageRow, id: string): Promise<void> {
  if (row.AutoDeploy) throw badRequest('Deployment ID cannot be set on stage because AutoDeploy is enabled');
  if (!(await rows.get(deployments, scope, `${api.ApiId}/${id}`))) throw missing('Deployment', id);
}
