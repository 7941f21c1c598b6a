import type { ExplainedStep, Explanation } from '../base/explanation.ts';
import { CliFailure } from './failure.ts';
import { printJson, printLines } from './print.ts';
import { createRemote, type RemoteOptions } from './remote.ts';

interface ExplainOptions extends RemoteOptions {
  readonly json?: boolean;
}

/** `gatehouse explain <request-id>`: every decision the gateway took for one request, in order. */
export async function explain(requestId: string, options: ExplainOptions): Promise<void> {
  const remote = createRemote(options);
  const answer = await remote.fetch(`/_gatehouse/explain/${encodeURIComponent(requestId)}`);
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw new CliFailure(messageOf(body) ?? `${remote.endpoint} answered ${answer.status}`);
  if (options.json) return printJson(body);
  printLines(readable(body as Explanation)); // what this path of the server answers
}

const messageOf = (body: unknown): string | undefined =>
  typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string'
    ? body.message
    : undefined;

export function readable(request: Explanation): string[] {
  const { api, error } = request;
  return [
    `${request.method} ${request.path} -> ${request.abandoned ? 'the client left' : request.status} in ${request.durationMs} ms`,
    `request   ${request.requestId}${request.extendedRequestId === request.requestId ? '' : ` (${request.extendedRequestId})`}`,
    `api       ${api.name} (${api.id}), stage ${request.stage}, deployment ${request.deploymentId}`,
    `from      ${request.sourceIp} at ${request.startedAt}, ${request.traceId}`,
    ...(error === null
      ? []
      : [`error     ${error.type}: ${error.message ?? '(no message)'}`, ...reasonLines(error)]),
    '',
    ...request.steps.flatMap(stepLines),
  ];
}

const reasonLines = ({ reason, message }: NonNullable<Explanation['error']>): string[] =>
  reason === null || reason === message ? [] : [`reason    ${reason}`];

function stepLines({ step, result, rule, ms, in: input, out }: ExplainedStep): string[] {
  const time = ms === null ? '' : ` ${ms} ms`;
  const outcome = result === 'passed' ? '' : ` ${result}`;
  return [
    `${step.padEnd(10)}${outcome === '' ? '' : `${outcome.trim().toUpperCase()}  `}${rule ?? ''}${time === '' ? '' : ` [${time.trim()}]`}`,
    ...(input === undefined ? [] : block('in', input)),
    ...(out === undefined ? [] : block('out', out)),
  ];
}

/** Members a line each, the longer ones below their name. */
function block(title: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [`  ${title.padEnd(4)}${String(value)}`];
  return Object.entries(value).flatMap(([name, member]) =>
    memberLines(`  ${title.padEnd(4)}${name}`, member),
  );
}

function memberLines(label: string, member: unknown): string[] {
  if (member === null || member === '') return [];
  if (Array.isArray(member))
    return member.length === 0 ? [] : [label, ...member.map((one) => `        ${textOf(one)}`)];
  const text = textOf(member);
  return text === '{}' ? [] : [`${label}: ${text.replaceAll('\n', '\n        ')}`];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
