/** What a call of an operation takes: which actions on which resources policies must allow. */
import type { Caller } from '../../base/ports.ts';
import type { Scope } from '../../base/scope.ts';

export interface Requirement {
  /** `lambda:CreateFunction`. */
  readonly action: string;
  /** Each must be allowed; `*` where the action has no resource, or the call does not say which. */
  readonly resources: readonly string[];
  /** The call is about a certain resource and does not say which: a deny of any such holds. */
  readonly unresolved?: boolean;
  /** Condition keys of this action alone, beside those of the request. */
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Asks a service of this server without asking policies; undefined when it refuses. */
export type LookUp = (service: string, operation: string, input: object) => Promise<Fields | undefined>;

export interface AccessCall {
  /** The wire's id. */
  readonly service: string;
  readonly operation: string;
  readonly input: Fields;
  readonly scope: Scope;
  readonly caller: Caller;
  readonly lookUp: LookUp;
  /** Whether the caller's own policies look at a condition key (in lower case), so that what is costly is found only then. */
  readonly looksAt: (key: string) => boolean;
}

/** What an operation takes where the general reading does not fit. Undefined: it does after all. */
export type Rule = (
  call: AccessCall,
) => readonly Requirement[] | undefined | Promise<readonly Requirement[] | undefined>;

export interface ServiceRules {
  /** Actions of operations that are called otherwise. */
  readonly actions?: Readonly<Record<string, string>>;
  /** Operations that need no permission. */
  readonly free?: readonly string[];
  readonly operations?: Readonly<Record<string, Rule>>;
  /** Input members that fill a variable of an ARN, the first that is there. */
  readonly members?: Readonly<Record<string, readonly string[]>>;
}

export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined; // just seen

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
