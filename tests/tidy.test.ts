/** docs/architecture.md as a test: who may import whom, that no file is dead, and where kinds may be compared. */
import { expect, test } from 'bun:test';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dir, '..');
const everyRoom = readdirSync(join(root, 'src')).filter((name) =>
  statSync(join(root, 'src', name)).isDirectory(),
);

/** A room's own files are always allowed. `room/config` allows only that room's config.ts. */
const ENGINE_CONFIGS = ['gateway/config', 'functions/config', 'graphql/config', 'net/config'];
const IMPORT_TABLE: Record<string, readonly string[]> = {
  base: [],
  store: ['base'],
  wire: ['base', 'store/store'],
  lang: ['base'],
  functions: ['base'],
  net: ['base'],
  websocket: ['base'],
  gateway: ['base', 'lang', 'websocket'],
  graphql: ['base', 'lang', 'websocket'],
  observe: ['base', 'store'],
  aws: ['base', 'lang', 'store', 'wire', ...ENGINE_CONFIGS],
  neighbours: ['base', 'lang', 'store', 'wire', ...ENGINE_CONFIGS],
  deploy: ['base', 'lang'],
  advise: ['base', 'lang'],
  server: everyRoom,
  cli: ['base', 'deploy', 'advise', 'server'],
};

/** Where execution begins: everything in src must be reached from here. */
const ENTRY_POINTS = [
  'src/cli/main.ts',
  'scripts',
  'bench',
  'tests',
  // Built, not reached yet: to be taken out when they are.
  'src/lang/selection/compile.ts',
];

const sources = filesBelow(join(root, 'src'));
const rows = sources.flatMap((file) => importsOf(file).map((target) => ({ file, target })));

test('rooms import only what the table allows', () => {
  const broken = rows.filter(({ file, target }) => !isTest(file) && !mayImport(file, target));
  expect(broken.map(({ file, target }) => `${short(file)} imports ${short(target)}`)).toEqual([]);
});

test('every room is in the table', () => {
  expect(everyRoom.filter((room) => !(room in IMPORT_TABLE))).toEqual([]);
});

test('links between pages lead somewhere', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
    ...markdownBelow('docs'),
    ...markdownBelow('examples'),
  ];
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !existsSync(resolve(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  expect(broken).toEqual([]);
});

const markdownBelow = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
    .map((file) => join(folder, file));

test('no file is dead: each is reached from an entry point', () => {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const target of importsOf(file)) visit(target);
  };
  for (const entry of ENTRY_POINTS) {
    const path = join(root, entry);
    for (const file of statSync(path).isDirectory() ? filesBelow(path) : [path]) visit(file);
  }
  const dead = sources.filter((file) => !isTest(file) && !reached.has(file) && !file.endsWith('.d.ts'));
  expect(dead.map(short)).toEqual([]);
});

test('kinds of API are compared only in gateway/kinds', () => {
  const comparing = sources.filter((file) => {
    const place = short(file);
    if (!place.startsWith('src/gateway/') || place.startsWith('src/gateway/kinds/') || isTest(file))
      return false;
    return /(kind|protocolType)\s*[!=]==?\s*'(REST|HTTP|WEBSOCKET)'/.test(readFileSync(file, 'utf8'));
  });
  expect(comparing.map(short)).toEqual([]);
});

test('no default exports, no catch-all folders', () => {
  const defaults = sources.filter((file) => /^export default /m.test(readFileSync(file, 'utf8')));
  const catchAll = sources.filter((file) => /\/(utils?|helpers?|common|misc)(\/|\.ts$)/.test(file));
  expect([...defaults, ...catchAll].map(short)).toEqual([]);
});

function mayImport(file: string, target: string): boolean {
  const from = roomOf(file);
  const to = roomOf(target);
  if (from === to || to === undefined || from === undefined) return true;
  const place = short(target)
    .replace(/^src\//, '')
    .replace(/\.ts$/, '');
  return (IMPORT_TABLE[from] ?? []).some((allowed) => allowed === to || allowed === place);
}

function roomOf(file: string): string | undefined {
  const [top, room] = short(file).split('/');
  return top === 'src' ? room : undefined;
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = [
    ...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g),
    ...text.matchAll(/new URL\('(\.[^']+)'/g),
  ];
  return found.map((match) => resolve(dirname(file), match[1] ?? '')).filter((path) => sourceExists(path));
}

function sourceExists(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true && /\.(ts|mjs)$/.test(path);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'));
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || short(file).includes('/testing/');
}

function short(file: string): string {
  return relative(root, file);
}

test('every dependency has its line, and no line is left of one that went', () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const page = readFileSync(join(root, 'docs', 'decisions', 'dependencies.md'), 'utf8');
  const told = [...page.matchAll(/^- .*$/gm)].flatMap(([line]) => {
    const names = line.split(':')[0] ?? '';
    return [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  });
  const isTold = (name: string): boolean =>
    told.some((one) => one === name || (one.endsWith('*') && name.startsWith(one.slice(0, -1))));
  const used = Object.keys({ ...dependencies, ...devDependencies });
  expect(used.filter((name) => !isTold(name))).toEqual([]);
  expect(told.filter((one) => !one.endsWith('*') && !used.includes(one))).toEqual([]);
});
