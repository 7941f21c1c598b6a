/** What selection expressions of WebSocket APIs see: the call, its body as JSON, and what the integration answered. */
import type { SelectionValues } from '../../lang/selection/compile.ts';
import { contextVariables, readPath } from '../context-variables.ts';
import type { Checked, Routed, Staged } from '../plan.ts';
import { everyHeader, firstHeader, type RawHeaders } from '../raw-headers.ts';

export interface SelectedAnswer {
  readonly status: number;
  readonly headers: RawHeaders;
  readonly body: string;
}

export function selectionValues(
  call: Staged | Routed | Checked,
  answer?: SelectedAnswer,
  text: string = 'body' in call ? Buffer.from(call.body).toString('utf8') : '',
): SelectionValues {
  return {
    variable: (name) => variableOf(call, answer, name),
    body: (of) => parseJson(of === 'request' ? text : (answer?.body ?? '')),
  };
}

export function parseJson(text: string): unknown {
  // Most of what is no JSON begins like none: an exception a message is dear.
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `request.header.x`, `context.a.b`, `stageVariables.x`, `integration.response.statuscode`. */
function variableOf(call: Staged, answer: SelectedAnswer | undefined, name: string): unknown {
  const [root = '', place = '', kind = '', ...rest] = name.split('.');
  switch (root) {
    case 'context':
      return readPath(contextVariables(call, call.stage), name.split('.').slice(1));
    case 'stageVariables':
      return call.stage.variables[place];
    case 'request':
      return ofRequest(call, place, [kind, ...rest].join('.'));
    case 'integration':
      return place === 'response' ? ofAnswer(answer, kind, rest.join('.')) : undefined;
    case 'response':
      return ofAnswer(answer, place, [kind, ...rest].join('.'));
    default:
      return undefined;
  }
}

function ofRequest({ request }: Staged, place: string, name: string): string | undefined {
  if (place === 'header') return request.header(name.toLowerCase());
  if (place === 'querystring') return request.query('&').find((one) => one.name === name)?.value;
  return undefined;
}

function ofAnswer(answer: SelectedAnswer | undefined, place: string, name: string): unknown {
  if (place === 'statuscode') return answer?.status;
  if (place === 'header') return firstHeader(answer?.headers ?? [], name.toLowerCase());
  if (place !== 'multivalueheader') return undefined;
  const values = everyHeader(answer?.headers ?? [], name.toLowerCase());
  return values.length === 0 ? undefined : values;
}
