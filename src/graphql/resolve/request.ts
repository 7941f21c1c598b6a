/** One GraphQL request on its way through the resolvers. */
import type { Effects } from '../effects.ts';
import type { Identity } from '../identity.ts';
import type { ApiPlan } from '../plan.ts';
import type { GraphqlPorts } from '../ports.ts';
import type { AnswerCache } from '../cache.ts';
import type { Batches } from './batches.ts';

export interface GraphqlRequest {
  readonly plan: ApiPlan;
  readonly ports: GraphqlPorts;
  readonly identity: Identity;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly domainName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  readonly signal: AbortSignal;
  readonly cache: AnswerCache;
  readonly batches: Batches;
  /** Effects of every field, with the path the field's errors are told under. */
  readonly effects: Effects;
  readonly appended: {
    readonly path: readonly (string | number)[];
    readonly error: Effects['appended'][number];
  }[];
  /** A subscriber is told of a result that is there already: no resolver runs. */
  readonly isEvent?: boolean;
  /** How many resolvers ran. */
  count: number;
  readonly writeLog: (line: string) => void;
}
