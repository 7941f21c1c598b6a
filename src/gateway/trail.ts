/**
 * The steps of a request as they are taken, for `explain`. Off: one comparison a step. On: a clock reading and an
 * object a step, nothing printed; what is kept of a body is bounded.
 */
import { limits } from '../base/limits.ts';
import type { KeptBody, StepName, StepNote, Trail } from '../base/observation.ts';
import type { Facts } from './plan.ts';
import type { MappedTarget } from './target.ts';

const NOTHING: readonly string[] = [];

/** `mapped`: how a custom domain name led here. */
export const beginTrail = (mapped?: MappedTarget): Trail => ({
  steps: [matchNote(mapped)],
  host: '',
  rawQuery: '',
  deploymentId: '',
  stageVariables: {},
  pathParameters: null,
  identity: undefined,
  authorizer: NOT_ASKED,
  body: null,
  validationError: undefined,
  integrationRequestId: undefined,
  answerHeaders: NOTHING,
  answerBody: null,
  rules: undefined,
});

function matchNote(mapped: MappedTarget | undefined): StepNote {
  const note = noteOf('match', performance.now());
  if (mapped !== undefined) {
    const { domainName, basePath, stage, rule } = mapped;
    note.input = { name: domainName, by: rule, basePath, stage };
  }
  return note;
}

const NOT_ASKED = { status: undefined, requestId: undefined, latencyMs: undefined, error: undefined };

const noteOf = (step: StepName, startedAt: number): StepNote => ({
  step,
  startedAt,
  endedAt: startedAt,
  input: undefined,
  output: undefined,
  rule: undefined,
  refused: false,
});

/** The step before ends where this one begins. */
export function enter({ trail }: Facts, step: StepName, input?: unknown): void {
  if (trail === undefined) return;
  const at = performance.now();
  endLast(trail, at);
  const note = noteOf(step, at);
  note.input = input;
  trail.steps.push(note);
}

export function endLast(trail: Trail, at: number): void {
  const last = trail.steps[trail.steps.length - 1];
  if (last !== undefined) last.endedAt = at;
}

const lastOf = ({ trail }: Facts): StepNote | undefined => trail?.steps[trail.steps.length - 1];

export function noteOutput(facts: Facts, output: unknown): void {
  const note = lastOf(facts);
  if (note !== undefined) note.output = output;
}

export function noteRule(facts: Facts, rule: string): void {
  const note = lastOf(facts);
  if (note !== undefined) note.rule = rule;
}

export function noteRefusal(facts: Facts): void {
  const note = lastOf(facts);
  if (note !== undefined) note.refused = true;
}

/** What goes back; when nothing refused it, the last step begins here. */
export function noteAnswer(facts: Facts, headers: readonly string[], body: unknown): void {
  const { trail } = facts;
  if (trail === undefined) return;
  if (lastOf(facts)?.step !== 'answer') enter(facts, 'answer');
  trail.answerHeaders = headers;
  trail.answerBody = keptBody(body);
}

/** Something with a body, its body bounded; only made when steps are recorded. */
export function keptMessage<T extends { readonly body: unknown }>(facts: Facts, message: T): unknown {
  return facts.trail === undefined ? undefined : { ...message, body: keptBody(message.body) };
}

/** What a backend answered. */
export const keptAnswer = (
  facts: Facts,
  answer: { readonly status: number; readonly rawHeaders: readonly string[]; readonly body: unknown },
): unknown =>
  facts.trail === undefined
    ? undefined
    : { status: answer.status, headers: answer.rawHeaders, body: keptBody(answer.body) };

/** A small view of a large buffer would keep all of it alive. */
export function keptBody(body: unknown): KeptBody {
  const most = limits.explainBodyBytes;
  if (typeof body === 'string')
    return body.length <= most ? body : { head: flat(body.slice(0, most)), bytes: Buffer.byteLength(body) };
  if (body instanceof Uint8Array) {
    if (body.length > most) return { head: Buffer.from(body.subarray(0, most)), bytes: body.length };
    return body.buffer.byteLength > most ? Buffer.from(body) : body;
  }
  return typeof body === 'object' && body !== null ? 'streamed' : null;
}

const flat = (text: string): string => Buffer.from(text).toString();
