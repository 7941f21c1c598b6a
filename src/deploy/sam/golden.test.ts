/**
 * Templates of ours and what AWS's own transform (`aws-sam-translator` 1.110.0) was recorded to make of them, in
 * `golden/`. Recordings are never edited by hand; to make them anew, run that package's `transform` over the YAML.
 */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTemplate } from '../read.ts';
import { checkStructure } from '../structure.ts';
import { isObject, type Json } from '../template.ts';
import { stackIdentity } from '../testing/fake-world.ts';
import { transformServerless } from './transform.ts';

const folder = join(import.meta.dir, 'golden');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace('.yaml', ''));

test.each(names)('%s become what AWS makes of them', (name) => {
  const recorded: Json = JSON.parse(readFileSync(join(folder, `${name}.expected.json`), 'utf8'));
  expect<unknown>(comparable(transformed(`${name}.yaml`))).toEqual(comparable(recorded));
});

function transformed(file: string): Json {
  const read = readTemplate(readFileSync(join(folder, file), 'utf8'));
  const template = checkStructure(read);
  const parameters = Object.entries(template.Parameters ?? {}).map(([key, declaration]) => ({
    key,
    value: String(declaration.Default),
    type: String(declaration.Type),
    noEcho: false,
  }));
  const request = {
    template,
    parameters,
    stack: stackIdentity,
    call: async () => undefined,
    locate: read.locate,
  };
  return transformServerless(request) as unknown as Json; // a template is JSON
}

/** Lists whose order says nothing; AWS's follows the order of Python 2's hashes. */
const UNORDERED = new Set(['Statement', 'LambdaConfigurations']);

/** Deployments are named by a hash over that same order. */
function comparable(value: Json, key = ''): Json {
  if (typeof value === 'string')
    return value
      .replace(/Deployment[0-9a-f]{10}/g, 'Deployment{hash}')
      .replace(/^RestApi deployment id: [0-9a-f]{40}$/, 'RestApi deployment id: {hash}');
  if (Array.isArray(value)) {
    const items = value.map((item) => comparable(item));
    return UNORDERED.has(key) ? items.toSorted(byText) : items;
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([name, member]) => [comparable(name), comparable(member, name)]);
  if (key === 'Statement') return [Object.fromEntries(members)];
  // Methods of a path stand in any order, and so do the resources of a statement that are made from them.
  const object = Object.fromEntries(members);
  if (Array.isArray(object.Resource)) object.Resource = object.Resource.toSorted(byText);
  return object;
}

const byText = (a: Json, b: Json): number => {
  const [one, other] = [sortedText(a), sortedText(b)];
  return one < other ? -1 : one > other ? 1 : 0;
};

function sortedText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(sortedText).join()}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value)
    .toSorted()
    .map((key) => `${key}:${sortedText(value[key] ?? null)}`)
    .join()}}`;
}
