/** Buses and rules as they are kept, and how operations name them. */
import type { DeadLetterConfig, RuleState, Target } from '@aws-sdk/client-eventbridge';
import { arnOf, parseArn } from '../../base/arn.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import { notFound } from './fault.ts';

export const DEFAULT_BUS = 'default';

export interface BusRow {
  readonly name: string;
  readonly createdMs: number;
  readonly modifiedMs: number;
  readonly description?: string;
  readonly keyId?: string;
  readonly deadLetter?: DeadLetterConfig;
  readonly policy?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** By name. The default bus is there without a row. */
export const buses = table<BusRow>('events.buses');

export interface RuleRow {
  readonly name: string;
  readonly bus: string;
  readonly pattern?: string;
  readonly schedule?: string;
  readonly state: RuleState;
  readonly description?: string;
  readonly roleArn?: string;
  readonly targets: readonly Target[];
  readonly tags: Readonly<Record<string, string>>;
  readonly createdBy: string;
  readonly createdMs: number;
  /** When the schedule comes next. */
  readonly dueMs?: number;
}

/** By bus name, `/` and rule name. */
export const rules = table<RuleRow>('events.rules');
export const ruleKey = (bus: string, name: string): string => `${bus}/${name}`;

export interface BusPlace {
  readonly scope: Scope;
  readonly name: string;
}

export const busArn = ({ scope, name }: BusPlace): string => arnOf(scope, 'events', `event-bus/${name}`);
export const ruleArn = (scope: Scope, { bus, name }: Pick<RuleRow, 'bus' | 'name'>): string =>
  arnOf(scope, 'events', bus === DEFAULT_BUS ? `rule/${name}` : `rule/${bus}/${name}`);

/** A name, or an ARN, which may be of another account or region. */
function placeOfBus(scope: Scope, nameOrArn: string | undefined): BusPlace {
  const arn = parseArn(nameOrArn ?? '');
  if (arn === undefined) return { scope, name: nameOrArn ?? DEFAULT_BUS };
  return {
    scope: { account: arn.account, region: arn.region },
    name: arn.resource.replace(/^event-bus\//, ''),
  };
}

export interface FoundBus extends BusPlace {
  readonly row: BusRow;
}

export async function findBus(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  nameOrArn: string | undefined,
): Promise<FoundBus> {
  const place = placeOfBus(scope, nameOrArn);
  const row = await rows.get(buses, place.scope, place.name);
  if (row) return { ...place, row };
  if (place.name === DEFAULT_BUS)
    return { ...place, row: { name: DEFAULT_BUS, createdMs: 0, modifiedMs: 0, tags: {} } };
  throw notFound(`Event bus ${place.name} does not exist.`);
}

export interface FoundRule {
  readonly scope: Scope;
  readonly row: RuleRow;
}

export async function findRule(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  name: string | undefined,
  bus: string | undefined,
): Promise<FoundRule> {
  const place = await findBus(rows, scope, bus);
  const row = await rows.get(rules, place.scope, ruleKey(place.name, name ?? ''));
  if (row === undefined) throw notFound(`Rule ${name} does not exist on EventBus ${place.name}.`);
  return { scope: place.scope, row };
}
