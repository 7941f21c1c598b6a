/**
 * Provisioned concurrency carried out: the runner keeps as many environments of a version initialised as its own
 * record or an alias's says. https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
 */
import { isFault, reasonOf } from '../../base/fault.ts';
import type { Scope } from '../../base/scope.ts';
import type { FunctionConfig } from '../../functions/config.ts';
import type { KnownFunction } from './catalog.ts';
import { isVersion } from './function-reference.ts';
import type { LambdaPorts } from './ports.ts';
import type { Catalog } from './catalog.ts';
import { provisionedConcurrency } from './rows.ts';

export interface ProvisioningStatus {
  /** Initialised, as far as is known. */
  readonly allocated: number;
  readonly status: 'IN_PROGRESS' | 'READY' | 'FAILED';
  readonly reason?: string;
}

export interface Provisioning {
  /** Makes the runner hold what the function's records say now. Does not wait for it. */
  sync(scope: Scope, name: string): void;
  /** The function changed: only those that hold environments are looked at. */
  changed(scope: Scope, name: string): void;
  /** Of one record: `{name}/{qualifier}`. */
  statusOf(scope: Scope, key: string): ProvisioningStatus | undefined;
  start(): Promise<void>;
  /** No further environment is asked for. */
  stop(): void;
}

type Ports = Pick<LambdaPorts, 'store' | 'runner' | 'log'> & { readonly catalog: Catalog };

interface Held {
  readonly config: FunctionConfig;
  readonly count: number;
}

export function createProvisioning(ports: Ports): Provisioning {
  const { store, runner, log, catalog } = ports;
  /** By function: what each version was told to hold. */
  const held = new Map<string, Map<string, Held>>();
  const statuses = new Map<string, ProvisioningStatus>();
  const turns = new Map<string, Promise<void>>();
  let stopped = false;
  const keyOf = (scope: Scope, name: string): string => `${scope.account}/${scope.region}/${name}`;

  const apply = async (scope: Scope, name: string): Promise<void> => {
    if (stopped) return;
    const owner = keyOf(scope, name);
    const records = await store.list(provisionedConcurrency, scope, { prefix: `${name}/` });
    const known = records.length > 0 ? await catalog.find(scope, name) : undefined;
    const before = held.get(owner) ?? new Map<string, Held>();
    const now = new Map<string, Held>();
    for (const { key, row } of records) {
      const version = known && versionOf(known, key.slice(name.length + 1));
      const config = version === undefined ? undefined : await known?.config(version);
      if (version === undefined || config === undefined) continue;
      const target = { config, count: row.requested };
      now.set(version, target);
      const told = before.get(version);
      if (told?.count !== target.count || told.config.revision !== config.revision)
        provide(keyOf(scope, key), target);
    }
    for (const [version, { config }] of before) if (!now.has(version)) await runner.provision(config, 0);
    if (now.size === 0) held.delete(owner);
    else held.set(owner, now);
  };
  const provide = (key: string, { config, count }: Held): void => {
    statuses.set(key, { allocated: 0, status: 'IN_PROGRESS' });
    runner.provision(config, count).then(
      (allocated) =>
        statuses.set(
          key,
          allocated >= count
            ? { allocated, status: 'READY' }
            : { allocated, status: 'FAILED', reason: 'FUNCTION_ERROR_INIT_FAILURE' },
        ),
      (thrown: unknown) => {
        const reason = isFault(thrown) ? thrown.message : reasonOf(thrown);
        statuses.set(key, { allocated: 0, status: 'FAILED', reason });
      },
    );
  };
  const sync = (scope: Scope, name: string): void => {
    const key = keyOf(scope, name);
    const turn = (turns.get(key) ?? Promise.resolve())
      .then(() => apply(scope, name))
      .catch((thrown: unknown) =>
        log('error', 'provisioned concurrency could not be looked at', {
          function: name,
          reason: reasonOf(thrown),
        }),
      )
      .finally(() => {
        if (turns.get(key) === turn) turns.delete(key);
      });
    turns.set(key, turn);
  };
  return {
    sync,
    changed(scope, name) {
      if (held.has(keyOf(scope, name))) sync(scope, name);
    },
    statusOf: (scope, key) => statuses.get(keyOf(scope, key)),
    async start() {
      const names = new Map<string, { scope: Scope; name: string }>();
      for (const { key, scope } of await store.listAll(provisionedConcurrency)) {
        const name = key.slice(0, key.indexOf('/'));
        names.set(keyOf(scope, name), { scope, name });
      }
      for (const { scope, name } of names.values()) sync(scope, name);
    },
    stop() {
      stopped = true;
    },
  };
}

function versionOf(known: KnownFunction, qualifier: string): string | undefined {
  if (isVersion(qualifier)) return known.has(qualifier) ? qualifier : undefined;
  return known.aliases.get(qualifier)?.functionVersion;
}
