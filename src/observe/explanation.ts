/** One finished request, step by step, as people and programs read it: every decision in order, secrets masked. */
import type { ExplainedStep, Explanation } from '../base/explanation.ts';
import type { Observation, PlanRules, StepName, StepNote, Trail } from '../base/observation.ts';
import { shown } from './shown.ts';
import { type Mask, maskOf } from './mask.ts';

export function explain(observation: Observation): Explanation | undefined {
  const { trail } = observation;
  if (trail === undefined) return undefined;
  const mask = maskOf(observation);
  const { errorType } = observation;
  return {
    requestId: observation.requestId,
    extendedRequestId: observation.extendedRequestId,
    traceId: observation.traceId,
    account: observation.scope.account,
    region: observation.scope.region,
    api: { id: observation.apiId, name: observation.apiName },
    stage: observation.stageName,
    deploymentId: trail.deploymentId,
    route: observation.routeKey ?? null,
    method: observation.method,
    path: mask.text(observation.rawPath),
    sourceIp: observation.sourceIp,
    startedAt: new Date(observation.startedAt).toISOString(),
    durationMs: durationOf(trail.steps),
    status: observation.status,
    abandoned: observation.abandoned,
    error:
      errorType === undefined
        ? null
        : {
            type: errorType,
            message: textOrNull(mask, observation.errorMessage),
            reason: textOrNull(mask, observation.reason),
          },
    steps: stepsOf(observation, trail, mask),
  };
}

const textOrNull = (mask: Mask, text: string | undefined): string | null =>
  text === undefined ? null : mask.text(text);

function durationOf(steps: readonly StepNote[]): number {
  const [first, last] = [steps[0], steps.at(-1)];
  return first === undefined || last === undefined ? 0 : rounded(last.endedAt - first.startedAt);
}

const rounded = (ms: number): number => Math.round(ms * 1000) / 1000;

/** AWS's order. What a plan can do without is told where it would have come. */
const ORDER: readonly StepName[] = [
  'match',
  'authorize',
  'throttle',
  'read',
  'validate',
  'transform',
  'integrate',
  'answer',
];
const OPTIONAL: readonly StepName[] = ['authorize', 'throttle', 'validate', 'integrate'];

function stepsOf(observation: Observation, trail: Trail, mask: Mask): ExplainedStep[] {
  const rules = trail.rules?.();
  const taken = trail.steps;
  const explained: ExplainedStep[] = [];
  let told = 0;
  taken.forEach((note, at) => {
    const place = ORDER.indexOf(note.step);
    if (note.step === 'answer' || place >= told) {
      const ended = taken.slice(0, at).some(({ refused }) => refused) || rules === undefined;
      for (const missed of ORDER.slice(told, place))
        if (OPTIONAL.includes(missed)) explained.push(missing(missed, rules, ended));
      told = Math.max(told, place + 1);
    }
    explained.push(stepOf(note, at, { observation, trail, rules, mask }));
  });
  return explained;
}

function missing(step: StepName, rules: PlanRules | undefined, ended: boolean): ExplainedStep {
  const rule = ruleOf(rules, step);
  if (rules !== undefined && rule === null) return { step, result: 'absent', rule: null, ms: null };
  return { step, result: ended ? 'not reached' : 'absent', rule, ms: null };
}

function ruleOf(rules: PlanRules | undefined, step: StepName): string | null {
  switch (step) {
    case 'authorize':
    case 'throttle':
    case 'validate':
    case 'integrate':
      return rules?.[step] ?? null;
    default:
      return null;
  }
}

interface View {
  readonly observation: Observation;
  readonly trail: Trail;
  readonly rules: PlanRules | undefined;
  readonly mask: Mask;
}

function stepOf(note: StepNote, at: number, view: View): ExplainedStep {
  const { mask } = view;
  const rule = note.rule ?? usualRule(note, view);
  const [input, output] = sidesOf(note, at, view);
  return {
    step: note.step,
    result: note.refused ? 'refused' : 'passed',
    rule: rule === null ? null : mask.text(rule),
    ms: rounded(note.endedAt - note.startedAt),
    ...(input === undefined ? {} : { in: shown(input, mask) }),
    ...(output === undefined ? {} : { out: shown(output, mask) }),
  };
}

function usualRule({ step, refused }: StepNote, { observation, trail, rules }: View): string | null {
  switch (step) {
    case 'match':
      if (observation.routeKey !== undefined) return observation.routeKey;
      return refused ? 'no route matches' : 'answered before any route: CORS preflight';
    case 'authorize':
      return keptVerdict(trail, rules)
        ? `${rules?.authorize}; answered by a kept verdict`
        : ruleOf(rules, step);
    case 'answer':
      return observation.errorType === undefined ? null : `error ${observation.errorType}`;
    default:
      return ruleOf(rules, step);
  }
}

/** A Lambda authorizer that was not asked had been asked before. */
const keptVerdict = ({ identity, authorizer }: Trail, rules: PlanRules | undefined): boolean =>
  identity !== undefined &&
  authorizer.latencyMs === undefined &&
  /^(.*; )?CUSTOM/.test(rules?.authorize ?? '');

function sidesOf(note: StepNote, at: number, { observation, trail }: View): [unknown, unknown] {
  const { steps } = trail;
  switch (note.step) {
    case 'match':
      return [
        {
          ...requestOf(observation, trail),
          ...(note.input === undefined ? {} : { customDomain: note.input }),
        },
        matchedOf(observation, trail),
      ];
    case 'authorize':
      return [undefined, { identity: trail.identity, authorizer: trail.authorizer }];
    case 'read':
      return [undefined, { body: trail.body }];
    case 'validate':
      return [{ body: trail.body }, note.refused ? { error: trail.validationError } : undefined];
    case 'transform':
      return steps[at - 1]?.step === 'integrate'
        ? [steps[at - 1]?.output, note.refused ? undefined : answerOf(observation, trail)]
        : [{ body: trail.body }, steps[at + 1]?.input];
    case 'integrate':
      return [
        note.input,
        note.output ?? (note.refused ? { status: observation.integrationStatus } : undefined),
      ];
    case 'answer':
      return [undefined, { ...answerOf(observation, trail), bytes: observation.responseBytes }];
    case 'throttle':
      return [undefined, undefined];
    default:
      return note.step satisfies never;
  }
}

const requestOf = ({ method, rawPath, rawHeaders }: Observation, { host, rawQuery }: Trail) => ({
  method,
  host,
  path: rawPath,
  query: rawQuery,
  headers: rawHeaders,
});

const matchedOf = ({ routeKey, stageName }: Observation, { pathParameters, stageVariables }: Trail) =>
  routeKey === undefined ? undefined : { route: routeKey, stage: stageName, pathParameters, stageVariables };

const answerOf = ({ status }: Observation, { answerHeaders, answerBody }: Trail) => ({
  status,
  headers: answerHeaders,
  body: answerBody,
});
