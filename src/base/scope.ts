/** Everything a user owns lies in one account and one region; nothing is shared between two scopes. */
export interface Scope {
  readonly account: string;
  readonly region: string;
}

/** Where rows of global services live (IAM, the index from API id to its scope). */
export const GLOBAL_REGION = 'global';

export const DEFAULT_ACCOUNT = '123456789012';
export const DEFAULT_REGION = 'us-east-1';
