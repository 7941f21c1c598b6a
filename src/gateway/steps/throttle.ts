/**
 * Refuses what comes faster than somebody allows, in AWS's order: the usage plan's method, the usage plan, the stage's
 * method or route, the account in its region; then counts the request against the plan's quota. A request that is
 * throttled is not counted.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
 */
import type { Rate } from '../../base/counters.ts';
import { accountThrottleOf } from '../../base/account-throttle.ts';
import type { Scope } from '../../base/scope.ts';
import type { Throttle, UsagePlanGrant } from '../config.ts';
import type { Engine } from '../engine.ts';
import { narrate } from '../narrate.ts';
import type { Admitted, Plan } from '../plan.ts';
import { Refusal } from '../refusal.ts';

/** What is throttled: a method or route of a stage. */
export interface Throttled {
  readonly scope: Scope;
  readonly apiId: string;
  readonly stageName: string;
  /** `GET /orders/{id}`. */
  readonly routeKey: string;
  /** The stage's or the method's own settings. */
  readonly perSecond: number | undefined;
  readonly burst: number | undefined;
  /** Whether callers come with API keys. */
  readonly keyed: boolean;
}

export function compileThrottle(engine: Engine, what: Throttled): Plan['throttle'] {
  const plan = what.keyed ? compilePlanThrottle(engine, what) : null;
  const stage = compileStageThrottle(engine, what);
  const account = compileAccountThrottle(engine, what.scope);
  const quota = what.keyed ? compileQuota(engine, what) : null;
  const steps = [plan, stage, account, quota].filter((step) => step !== null);
  const [only] = steps;
  if (only === undefined) return null;
  return steps.length === 1 ? only : inTurn(steps);
}

type Step = (call: Admitted) => void | Promise<void>;

/** Waits only where a step does. */
const inTurn =
  (steps: readonly Step[]): Step =>
  (call) => {
    for (let at = 0; at < steps.length; at++) {
      const pending = steps[at]?.(call);
      if (pending instanceof Promise) return pending.then(() => inTurn(steps.slice(at + 1))(call));
    }
    return undefined;
  };

function takes(engine: Engine, bucket: string, rate: Rate, refuse: () => Refusal): void | Promise<void> {
  const taken = engine.counters.take(bucket, rate);
  if (taken === true) return;
  if (taken === false) throw refuse();
  return taken.then((late) => {
    if (!late) throw refuse();
  });
}

const tooMany = (reason?: string): Refusal =>
  new Refusal('THROTTLED', 'Too Many Requests', reason === undefined ? {} : { reason });

/** Null when there is no limit. A negative rate or burst, AWS's -1, means none. */
function compileStageThrottle(engine: Engine, what: Throttled): Step | null {
  const { perSecond, burst, apiId, stageName, routeKey, scope } = what;
  if (perSecond === undefined && burst === undefined) return null;
  if ((perSecond ?? 0) < 0 || (burst ?? 0) < 0) return null;
  // Where only one of the two is set, the account's stands for the other.
  const usual = accountThrottleOf(scope.region);
  const rate: Rate = { perSecond: perSecond ?? usual.perSecond, burst: burst ?? usual.burst };
  const bucket = `stage/${apiId}/${stageName}/${routeKey}`;
  const refuse = (): Refusal => tooMany();
  return () => takes(engine, bucket, rate, refuse);
}

function compileAccountThrottle(engine: Engine, scope: Scope): Step | null {
  const { accountRate } = engine.ports;
  const rate = accountRate === undefined ? accountThrottleOf(scope.region) : accountRate(scope);
  if (rate === null) return null;
  const bucket = `account/${scope.account}/${scope.region}`;
  const refuse = (): Refusal => tooMany('Account throttle limit exceeded');
  return () => takes(engine, bucket, rate, refuse);
}

/** A key's requests are counted over all stages of its plan; over a method only where the plan says so. */
function compilePlanThrottle(engine: Engine, what: Throttled): Step {
  const { apiId, stageName, routeKey } = what;
  const [method = '', path = ''] = routeKey.split(' ', 2);
  const methodKey = `${path}/${method}`;
  return (call) => {
    const { apiKey } = call.identity;
    const plan = apiKey?.plan;
    if (apiKey === null || plan === undefined) return undefined;
    const bucket = `plan/${plan.usagePlanId}/${apiKey.apiKeyId}`;
    const own = plan.methodThrottles[methodKey];
    const whole = (): void | Promise<void> =>
      plan.throttle === undefined
        ? undefined
        : takes(engine, bucket, rateOf(plan.throttle), () => planExceeded(call, plan, plan.throttle));
    if (own === undefined) return whole();
    const first = takes(engine, `${bucket}/${apiId}/${stageName}/${methodKey}`, rateOf(own), () =>
      planExceeded(call, plan, own),
    );
    return first instanceof Promise ? first.then(whole) : whole();
  };
}

const rateOf = ({ rateLimit, burstLimit }: Throttle): Rate => ({ perSecond: rateLimit, burst: burstLimit });

function compileQuota(engine: Engine, { scope, apiId, stageName }: Throttled): Step {
  const apiStage = `${apiId}/${stageName}`;
  return (call) => {
    const { apiKey } = call.identity;
    const plan = apiKey?.plan;
    if (apiKey === null || plan === undefined) return undefined;
    const passed = (): void =>
      narrate(
        call,
        () => `Usage Plan check succeeded for API Key ${hidden(apiKey.value)} and API Stage ${apiStage}`,
      );
    const { useQuota } = engine.ports;
    // Without anyone who counts, nobody with a quota may: else it would be no quota.
    if (useQuota === undefined) {
      if (plan.quota !== undefined) throw exhausted(call, plan);
      return passed();
    }
    const used = useQuota({ scope, usagePlanId: plan.usagePlanId, apiKeyId: apiKey.apiKeyId }, plan.quota);
    const decide = (within: boolean): void => {
      if (!within) throw exhausted(call, plan);
      passed();
    };
    return used instanceof Promise ? used.then(decide) : decide(used);
  };
}

/** What the execution log says: https://repost.aws/knowledge-center/api-gateway-429-limit */
function planExceeded(call: Admitted, plan: UsagePlanGrant, throttle: Throttle | undefined): Refusal {
  const { stage } = call;
  const apiStage = `${stage.api.apiId}/${stage.stageName}`;
  const { resourceId } = call.plan;
  return tooMany(
    `API Key ${hidden(call.identity.apiKey?.value ?? '')} exceeded throttle limit for API Stage ${apiStage}: Key throttle limit exceeded for Usage Plan ID ${plan.usagePlanId}, RestApi ${stage.api.apiId}, Stage ${stage.stageName}, Resource ${resourceId}, HttpMethod ${call.request.method}. Limit: ${throttle?.rateLimit.toFixed(2)} Burst: ${throttle?.burstLimit}`,
  );
}

function exhausted(call: Admitted, plan: UsagePlanGrant): Refusal {
  const apiStage = `${call.stage.api.apiId}/${call.stage.stageName}`;
  return new Refusal('QUOTA_EXCEEDED', 'Limit Exceeded', {
    reason: `API Key ${hidden(call.identity.apiKey?.value ?? '')} exceeded quota limit for API Stage ${apiStage}: Key quota exhausted for Usage Plan ID ${plan.usagePlanId}. Limit: ${plan.quota?.limit} Period: ${plan.quota?.period}`,
  });
}

const hidden = (value: string): string => `******${value.slice(-6)}`;
