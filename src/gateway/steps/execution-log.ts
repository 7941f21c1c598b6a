/**
 * Execution logs of REST APIs, line by line as AWS writes them, into `API-Gateway-Execution-Logs_{api}/{stage}`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
import type { RestApiDocument, RestStage } from '../config.ts';
import type { Engine } from '../engine.ts';
import { settingsOf } from '../kinds/method-settings.ts';
import { printHeaders } from '../narrate.ts';
import type { Admitted, ExecutionLog, Routed, Staged } from '../plan.ts';

/** AWS cuts an event's text at 1,024 bytes. */
const EVENT_LIMIT = 1024;

type Level = 'OFF' | 'ERROR' | 'INFO';

export function compileExecutionLog(
  engine: Engine,
  document: RestApiDocument,
  stage: RestStage,
): ExecutionLog | null {
  const levels = Object.values(stage.methodSettings).map(({ loggingLevel }) => loggingLevel);
  if (!levels.some((level) => level === 'INFO' || level === 'ERROR')) return null;
  const group = `API-Gateway-Execution-Logs_${document.apiId}/${stage.stageName}`;
  const stream = engine.ids.segment() + engine.ids.segment();
  return {
    begin: (call) => {
      const [method = '', path = ''] = call.plan.routeKey.split(' ', 2);
      const settings = settingsOf(stage, path, method);
      if (settings.loggingLevel !== 'INFO') return;
      call.facts.lines = requestLines(call);
      call.facts.dataTrace = settings.dataTraceEnabled === true;
    },
    write: (call) => {
      const level = levelOf(stage, call);
      if (level === 'OFF' || (level === 'ERROR' && call.facts.errorType === undefined)) return;
      const timestamp = call.facts.endedAt ?? call.receivedAt;
      const events = linesOf(call, level).map((line) => ({
        timestamp,
        message: `(${call.requestId}) ${line}`.slice(0, EVENT_LIMIT),
      }));
      engine.ports.writeLogEvents(document.scope, group, stream, events);
    },
  };
}

function levelOf(stage: RestStage, call: Staged | Routed): Level {
  const [method = '', path = ''] = 'plan' in call ? call.plan.routeKey.split(' ', 2) : [];
  const { loggingLevel } = settingsOf(stage, path, method);
  return loggingLevel === 'INFO' || loggingLevel === 'ERROR' ? loggingLevel : 'OFF';
}

function linesOf(call: Staged | Routed | Admitted, level: Level): string[] {
  const { facts } = call;
  const reason = facts.errorType === undefined ? [] : [facts.reason ?? facts.errorMessage ?? facts.errorType];
  const last = `Method completed with status: ${facts.status}`;
  if (level === 'ERROR') return [...reason, last];
  const done = facts.errorType === undefined ? ['Successfully completed execution'] : reason;
  return [`Extended Request Id: ${call.extendedRequestId}`, ...(facts.lines ?? []), ...done, last];
}

function requestLines(call: Routed): string[] {
  const query = call.request.query('&;').map(({ name, value }) => `${name}=${value}`);
  const path = Object.entries(call.pathParameters ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    `Starting execution for request: ${call.requestId}`,
    `HTTP Method: ${call.request.method}, Resource Path: ${call.plan.resourcePath}`,
    `Method request path: {${path.join(', ')}}`,
    `Method request query string: {${query.join(', ')}}`,
    `Method request headers: ${printHeaders(call.request.rawHeaders)}`,
  ];
}
