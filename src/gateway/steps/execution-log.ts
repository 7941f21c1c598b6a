/**
 * Execution logs of REST APIs, line by line as AWS writes them, into `API-Gateway-Execution-Logs_{api}/{stage}`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
import type { RestApiDocument, RestStage } from '../config.ts';
import type { Engine } from '../engine.ts';
import type { Admitted, Routed, Staged, WriteLog } from '../plan.ts';

/** AWS cuts an event's text at 1,024 bytes. */
const EVENT_LIMIT = 1024;

type Level = 'OFF' | 'ERROR' | 'INFO';

export function compileExecutionLog(
  engine: Engine,
  document: RestApiDocument,
  stage: RestStage,
): WriteLog | null {
  const levels = Object.values(stage.methodSettings).map(({ loggingLevel }) => loggingLevel);
  if (!levels.some((level) => level === 'INFO' || level === 'ERROR')) return null;
  const group = `API-Gateway-Execution-Logs_${document.apiId}/${stage.stageName}`;
  const stream = engine.ids.segment() + engine.ids.segment();
  return (call) => {
    const level = levelOf(stage, call);
    const failed = call.facts.errorType !== undefined;
    if (level === 'OFF' || (level === 'ERROR' && !failed)) return;
    const events = linesOf(call, level).map((line) => ({
      timestamp: call.facts.endedAt ?? call.receivedAt,
      message: `(${call.requestId}) ${line}`.slice(0, EVENT_LIMIT),
    }));
    engine.ports.writeLogEvents(document.scope, group, stream, events);
  };
}

function levelOf(stage: RestStage, call: Staged | Routed): Level {
  const all = stage.methodSettings['*/*']?.loggingLevel;
  if (!('plan' in call)) return asLevel(all);
  const [method = '', path = ''] = call.plan.routeKey.split(' ', 2);
  const own =
    stage.methodSettings[`${path.replaceAll('/', '~1')}/${method}`] ??
    stage.methodSettings[`${path.slice(1)}/${method}`];
  return asLevel(own?.loggingLevel ?? all);
}

const asLevel = (level: string | undefined): Level => (level === 'INFO' || level === 'ERROR' ? level : 'OFF');

function linesOf(call: Staged | Routed | Admitted, level: Level): string[] {
  const { facts } = call;
  const reason = facts.errorType === undefined ? [] : [facts.reason ?? facts.errorMessage ?? facts.errorType];
  if (level === 'ERROR') return [...reason, `Method completed with status: ${facts.status}`];
  return [
    `Extended Request Id: ${call.extendedRequestId}`,
    `Starting execution for request: ${call.requestId}`,
    ...('plan' in call ? requestLines(call) : []),
    ...(facts.lines ?? []),
    ...integrationLines(call),
    ...(facts.errorType === undefined ? ['Successfully completed execution'] : reason),
    `Method completed with status: ${facts.status}`,
  ];
}

function requestLines(call: Routed): string[] {
  const query = call.request.query('&;').map(({ name, value }) => `${name}=${value}`);
  const path = Object.entries(call.pathParameters ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    `HTTP Method: ${call.request.method}, Resource Path: ${call.plan.resourcePath}`,
    `Method request path: {${path.join(', ')}}`,
    `Method request query string: {${query.join(', ')}}`,
    `Method request headers: {${headerNames(call)}}`,
  ];
}

/** Credentials never reach a log. */
const SECRET = new Set(['authorization', 'cookie', 'x-api-key', 'x-amz-security-token']);

function headerNames(call: Routed): string {
  const headers = call.request.rawHeaders;
  const pieces: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? '';
    pieces.push(`${name}=${SECRET.has(name.toLowerCase()) ? '*'.repeat(6) : headers[i + 1]}`);
  }
  return pieces.join(', ');
}

function integrationLines(call: Staged): string[] {
  const { integrationStatus, integrationLatencyMs } = call.facts;
  if (integrationLatencyMs === undefined) return [];
  return [
    `Received response. Status: ${integrationStatus ?? '-'}, Integration latency: ${integrationLatencyMs} ms`,
  ];
}
