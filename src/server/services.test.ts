/** What boots and what does not: services wake for work of their own, and for nothing else. */
import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServices, type ServiceWiring } from './services.ts';

const source = join(import.meta.dir, '..');

test('services wake for tables that are there', () => {
  const { rows } = createServices({ ports: {} } as ServiceWiring); // nothing is made of it here
  const named = rows.flatMap(({ wakesFor }) => wakesFor);
  expect(named.length).toBeGreaterThan(0);
  const declared = new Set(readdirSync(source, { recursive: true }).flatMap(tablesOf));
  expect(named.filter((name) => !declared.has(name))).toEqual([]);
});

function tablesOf(file: string | Buffer): string[] {
  const path = String(file);
  if (!path.endsWith('.ts') || path.endsWith('.test.ts')) return [];
  const text = readFileSync(join(source, path), 'utf8');
  return [...text.matchAll(/= table<[^;]*?>\(\s*'([^']+)',?\s*\)/g)].map(([, name = '']) => name);
}
