/** How long EventBridge and Scheduler try: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
export interface Patience {
  readonly mostRetries: number;
  readonly mostAgeMs: number;
}

interface RetryPolicy {
  readonly MaximumRetryAttempts?: number | undefined;
  readonly MaximumEventAgeInSeconds?: number | undefined;
}

export const patienceOf = (policy: RetryPolicy | undefined): Patience => ({
  mostRetries: policy?.MaximumRetryAttempts ?? 185,
  mostAgeMs: (policy?.MaximumEventAgeInSeconds ?? 86_400) * 1000,
});

const LONGEST_MS = 15 * 60_000;

/** Growing, and spread so that those that failed together do not come back together. */
export const retryDelayMs = (attempts: number, random: number): number =>
  Math.min(LONGEST_MS, 1000 * 2 ** Math.min(attempts - 1, 12)) * (0.5 + random / 2);
