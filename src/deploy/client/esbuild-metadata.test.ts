import { expect, test } from 'bun:test';
import { handlerOfEntry } from './esbuild-metadata.ts';

const esbuild = (...EntryPoints: string[]) => ({ BuildMethod: 'esbuild', BuildProperties: { EntryPoints } });

test.each([
  ['an entry in a folder', esbuild('handlers/orders.ts'), 'orders.handler', 'handlers/orders.handler'],
  ['one of several', esbuild('a/one.ts', './b/two.mts'), 'two.run', 'b/two.run'],
  ['an entry in the root', esbuild('app.ts'), 'app.handler', undefined],
  ['no entry of that name', esbuild('other.ts'), 'app.handler', undefined],
  ['another way to build', { BuildMethod: 'makefile' }, 'app.handler', undefined],
  ['no metadata', undefined, 'app.handler', undefined],
])('%s', (_, metadata, handler, expected) => {
  expect(handlerOfEntry(metadata, handler)).toBe(expected as string);
});
