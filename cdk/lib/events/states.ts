/** A state in Amazon States Language, or a part of one. */
export type State = Readonly<Record<string, unknown>>;

/** A retrier that retries every error for about an hour at most. */
export const RETRY_FOR_AN_HOUR: State = {
  ErrorEquals: ['States.ALL'],
  IntervalSeconds: 10,
  BackoffRate: 2,
  MaxDelaySeconds: 600,
  JitterStrategy: 'FULL',
  MaxAttempts: 12,
};
