/**
 * What invocations need to know of a function, kept in memory: a warm invocation touches no row. An entry is made at
 * first use and forgotten after every change; a change is committed before it is forgotten, so nobody who was told
 * of it meets the old entry.
 */
import { createHash } from 'node:crypto';
import type { Scope } from '../../base/scope.ts';
import type { FunctionCode, FunctionConfig } from '../../functions/config.ts';
import type { Reader, Store } from '../../store/store.ts';
import { needKey } from './environment-key.ts';
import { functionArn } from './function-reference.ts';
import { compilePermissions, type Permissions } from './permission-check.ts';
import type { LambdaPorts, RoleCredentials } from './ports.ts';
import { lineageName } from './recursion.ts';
import {
  type AliasRow,
  aliases,
  type CodeRow,
  type FunctionRow,
  functions,
  policies,
  type VersionRow,
  versions,
} from './rows.ts';

/** A function as invocations see it. */
export interface KnownFunction {
  readonly scope: Scope;
  readonly name: string;
  readonly reservedConcurrentExecutions: number | undefined;
  /** How the recursion guard names it, and whether it may go round without end. */
  readonly lineage: { readonly name: string; readonly mayLoop: boolean };
  readonly aliases: ReadonlyMap<string, AliasRow>;
  /** By qualifier, `''` for the function itself. */
  readonly permissions: ReadonlyMap<string, Permissions>;
  /** The version ready to run; undefined when there is none of that number. */
  config(version: string): Promise<FunctionConfig | undefined>;
  has(version: string): boolean;
}

export interface Catalog {
  /** The function, or undefined when there is none. */
  find(scope: Scope, name: string): Promise<KnownFunction | undefined>;
  /** To be called after every committed change of the function, its versions, aliases or policies. */
  forget(scope: Scope, name: string): void;
}

type CatalogPorts = Pick<LambdaPorts, 'store' | 'roleCredentials' | 'now' | 'call'>;

/** STS sessions last an hour and more; environments that start later get fresh keys. */
const CREDENTIALS_KEPT_MS = 45 * 60_000;

export function createCatalog(ports: CatalogPorts): Catalog {
  const known = new Map<string, Promise<KnownFunction | undefined>>();
  return {
    find(scope, name) {
      const key = `${scope.account}/${scope.region}/${name}`;
      const found = known.get(key);
      if (found) return found;
      const loading = load(ports, scope, name);
      known.set(key, loading);
      const drop = () => {
        if (known.get(key) === loading) known.delete(key);
      };
      // What is not there, or could not be read, is asked for again: names that do not exist must not fill memory.
      loading.then((answer) => answer ?? drop(), drop);
      return loading;
    },
    forget(scope, name) {
      known.delete(`${scope.account}/${scope.region}/${name}`);
    },
  };
}

async function load(ports: CatalogPorts, scope: Scope, name: string): Promise<KnownFunction | undefined> {
  const rows = await ports.store.read((reader) => readAll(reader, scope, name));
  if (rows === undefined) return undefined;
  const byVersion = new Map<string, VersionRow>([['$LATEST', rows.latest]]);
  for (const { row } of rows.versions) byVersion.set(row.configuration.Version ?? '', row);
  const configs = new Map<string, (now: number) => Promise<FunctionConfig>>();
  for (const [version, row] of byVersion) configs.set(version, configSource(ports, scope, rows.latest, row));
  return {
    scope,
    name,
    reservedConcurrentExecutions: rows.latest.reservedConcurrentExecutions,
    lineage: {
      name: lineageName(functionArn(scope, name)),
      mayLoop: rows.latest.recursiveLoop === 'Allow',
    },
    aliases: new Map(rows.aliases.map(({ row }) => [row.name, row])),
    permissions: new Map(
      rows.policies.map(({ key, row }) => [key.slice(name.length + 1), compilePermissions(row.statements)]),
    ),
    config: async (version) => configs.get(version)?.(ports.now()),
    has: (version) => byVersion.has(version),
  };
}

async function readAll(reader: Reader, scope: Scope, name: string) {
  const latest = await reader.get(functions, scope, name);
  if (latest === undefined) return undefined;
  const prefix = `${name}/`;
  return {
    latest,
    versions: await reader.list(versions, scope, { prefix }),
    aliases: await reader.list(aliases, scope, { prefix }),
    policies: await reader.list(policies, scope, { prefix }),
  };
}

/** Makes the version's config at first use and again when its credentials grow old. */
function configSource(ports: CatalogPorts, scope: Scope, latest: FunctionRow, row: VersionRow) {
  let made: Promise<FunctionConfig> | undefined;
  let madeAt = 0;
  return (now: number): Promise<FunctionConfig> => {
    if (made !== undefined && now - madeAt < CREDENTIALS_KEPT_MS) return made;
    madeAt = now;
    const making = configOf(ports, scope, latest, row);
    made = making;
    making.catch(() => {
      if (made === making) made = undefined;
    });
    return making;
  };
}

async function configOf(
  ports: CatalogPorts,
  scope: Scope,
  latest: FunctionRow,
  row: VersionRow,
): Promise<FunctionConfig> {
  const shown = row.configuration;
  const logging = shown.LoggingConfig;
  const layers = await Promise.all(row.layers.map((layer) => codeOf(ports.store, layer)));
  const { KMSKeyArn: keyArn, Role: roleArn = '' } = shown;
  if (keyArn && Object.keys(shown.Environment?.Variables ?? {}).length > 0)
    await needKey(ports, { keyArn, roleArn, functionName: latest.name, scope });
  const credentials: RoleCredentials = await ports.roleCredentials(shown.Role ?? '', latest.name);
  return {
    functionArn: functionArn(scope, latest.name),
    functionName: latest.name,
    version: shown.Version ?? '$LATEST',
    revision: revisionOf(row),
    scope,
    runtime: shown.Runtime ?? '',
    handler: shown.Handler ?? '',
    code: await codeOf(ports.store, row.code),
    layers,
    environment: shown.Environment?.Variables ?? {},
    timeoutSeconds: shown.Timeout ?? 3,
    memorySizeMb: shown.MemorySize ?? 128,
    ephemeralStorageMb: shown.EphemeralStorage?.Size ?? 512,
    logGroup: logging?.LogGroup ?? `/aws/lambda/${latest.name}`,
    logFormat: logging?.LogFormat ?? 'Text',
    ...(logging?.ApplicationLogLevel && { applicationLogLevel: logging.ApplicationLogLevel }),
    ...(logging?.SystemLogLevel && { systemLogLevel: logging.SystemLogLevel }),
    tracing: shown.TracingConfig?.Mode ?? 'PassThrough',
    ...(latest.reservedConcurrentExecutions !== undefined && {
      concurrencyLimit: latest.reservedConcurrentExecutions,
    }),
    credentials,
  };
}

/**
 * Changes with what a running environment was made of. Not AWS's RevisionId, which changes with every call that
 * touches the function, aliases' included: environments would be thrown away for nothing.
 */
function revisionOf(row: VersionRow): string {
  const { RevisionId: _, LastModified: __, Description: ___, ...made } = row.configuration;
  return createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, 32);
}

async function codeOf(store: Store, code: CodeRow): Promise<FunctionCode> {
  if (code.kind === 'folder') return { kind: 'folder', path: code.path };
  return { kind: 'zip', path: await store.blobs.path(code.blobId), sha256: code.sha256 };
}
