import { expect, test } from 'bun:test';
import { isFault } from '../../base/fault.ts';
import { applyPatches, bareRefusals, type PatchOperation, type PatchRules } from './patch.ts';

interface Thing {
  name: string;
  parts: Record<string, string>;
}

const rules: PatchRules<Thing> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/name',
      replace: (thing, value) => {
        thing.name = value ?? '';
      },
      copy: (thing, from) => {
        thing.name = `copy of ${from}`;
      },
    },
    {
      path: '/parts/{name}/{half}',
      add: (thing, value, names) => {
        thing.parts[names.join('+')] = value ?? '';
      },
    },
  ],
};

const CASES: [string, PatchOperation, Partial<Thing> | string][] = [
  ['replaces', { op: 'replace', path: '/name', value: 'b' }, { name: 'b' }],
  ['copies', { op: 'copy', path: '/name', from: '/other' }, { name: 'copy of /other' }],
  ['decodes names', { op: 'add', path: '/parts/a~1b/c~0d', value: '1' }, { parts: { 'a/b+c~d': '1' } }],
  [
    'refuses an op',
    { op: 'remove', path: '/name' },
    'Invalid patch operation specified. Must be one of: [replace, copy]',
  ],
  ['refuses a path', { op: 'add', path: '/parts/a' }, 'Invalid patch path /parts/a'],
  ['refuses an empty name', { op: 'add', path: '/parts//x' }, 'Invalid patch path /parts//x'],
  ['refuses no path', { op: 'add' }, 'Invalid patch path null'],
];
test.each(CASES)('%s', (_name, operation, expected) => {
  const draft: Thing = { name: 'a', parts: {} };
  try {
    expect(applyPatches(draft, [operation], rules)).toMatchObject(expected as object);
  } catch (thrown) {
    expect(isFault(thrown) && thrown.message).toBe(expected as string);
  }
});
