/**
 * Execution logs of REST APIs, line by line as AWS writes them, into `API-Gateway-Execution-Logs_{api}/{stage}`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
import type { MethodSetting } from '@aws-sdk/client-api-gateway';
import type { Scope } from '../../base/scope.ts';
import type { RestApiDocument, RestStage } from '../config.ts';
import type { Engine } from '../engine.ts';
import { settingsOf } from '../kinds/method-settings.ts';
import { printHeaders } from '../narrate.ts';
import type { Admitted, ExecutionLog, Facts, Routed, Staged } from '../plan.ts';

/** AWS cuts an event's text at 1,024 bytes. */
const EVENT_LIMIT = 1024;
const CUT = ' [TRUNCATED]';

type Level = 'OFF' | 'ERROR' | 'INFO';

export function compileExecutionLog(
  engine: Engine,
  document: RestApiDocument,
  stage: RestStage,
  canary: boolean,
): ExecutionLog | null {
  const levels = Object.values(stage.methodSettings).map(({ loggingLevel }) => loggingLevel);
  if (!levels.some((level) => level === 'INFO' || level === 'ERROR')) return null;
  const group = `API-Gateway-Execution-Logs_${document.apiId}/${stage.stageName}${canary ? '/Canary' : ''}`;
  return executionLogOf(engine, {
    scope: document.scope,
    group,
    admitted: (call) => [...usagePlanLines(call), ...requestLines(call)],
    settingsOf: (call) => settingsFor(stage, call),
  });
}

interface LogOptions {
  readonly scope: Scope;
  readonly group: string;
  /** The lines of a request that may go on. */
  readonly admitted: (call: Admitted) => string[];
  readonly settingsOf: (call: Staged | Routed) => MethodSetting;
}

/** What the logs of all kinds have in common: levels, lines and where they go. */
export function executionLogOf(engine: Engine, options: LogOptions): ExecutionLog {
  const { scope, group } = options;
  const stream = engine.ids.segment() + engine.ids.segment();
  return {
    begin: (call) => {
      const settings = options.settingsOf(call);
      if (settings.loggingLevel !== 'INFO') return;
      call.facts.lines = [`Extended Request Id: ${call.extendedRequestId}`];
      call.facts.dataTrace = settings.dataTraceEnabled === true;
    },
    admitted: (call) => void call.facts.lines?.push(...options.admitted(call)),
    write: (call) => {
      const level = levelOf(options.settingsOf(call));
      if (level === 'OFF' || (level === 'ERROR' && call.facts.errorType === undefined)) return;
      const timestamp = call.facts.endedAt ?? call.receivedAt;
      const events = linesOf(call, level).map((line) => ({
        timestamp,
        message: cut(`(${call.requestId}) ${line}`),
      }));
      engine.ports.writeLogEvents(scope, group, stream, events);
    },
  };
}

const cut = (text: string): string =>
  text.length <= EVENT_LIMIT ? text : text.slice(0, EVENT_LIMIT - CUT.length) + CUT;

function settingsFor(stage: RestStage, call: Staged | Routed): MethodSetting {
  const [method = '', path = ''] = 'plan' in call ? call.plan.routeKey.split(' ', 2) : [];
  return settingsOf(stage, path, method);
}

const levelOf = ({ loggingLevel }: MethodSetting): Level =>
  loggingLevel === 'INFO' || loggingLevel === 'ERROR' ? loggingLevel : 'OFF';

function linesOf(call: Staged | Routed | Admitted, level: Level): string[] {
  const { facts } = call;
  if (level === 'ERROR') return [...reasonOf(facts), `Method completed with status: ${facts.status}`];
  return [...(facts.lines ?? []), ...lastLines(call)];
}

const reasonOf = ({ errorType, errorMessage, reason }: Facts): string[] =>
  errorType === undefined ? [] : [reason ?? errorMessage ?? errorType];

/** How every execution ends in the log. */
export function lastLines(call: Staged): string[] {
  const { facts } = call;
  const { integrationRequestId } = facts;
  return [
    ...(facts.errorType === undefined ? ['Successfully completed execution'] : reasonOf(facts)),
    `Method completed with status: ${facts.status}`,
    ...(integrationRequestId === undefined
      ? []
      : [`AWS Integration Endpoint RequestId : ${integrationRequestId}`]),
  ];
}

/** Where a key is asked for, that it is being verified has been told already. */
function usagePlanLines({ requestId, identity, plan }: Admitted): string[] {
  const { api, stageName } = plan.stage;
  const stage = `${api.apiId}/${stageName}`;
  if (identity.apiKey !== null)
    return [
      `Usage Plan check succeeded for API Key ******${identity.apiKey.value.slice(-6)} and API Stage ${stage}`,
    ];
  return [
    `Verifying Usage Plan for request: ${requestId}. API Key:  API Stage: ${stage}`,
    `API Key  authorized because method '${plan.routeKey}' does not require API Key. Request will not contribute to throttle or quota limits`,
    `Usage Plan check succeeded for API Key  and API Stage ${stage}`,
  ];
}

export function requestLines(call: Routed): string[] {
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
