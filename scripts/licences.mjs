/** Every installed package must carry a permissive licence, and the lockfile must name no registry. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './install.mjs';

const PERMISSIVE = new Set(['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'CC0-1.0', 'Unlicense', 'BlueOak-1.0.0', 'Python-2.0', 'MIT OR Apache-2.0', 'Apache-2.0 OR MIT', '(MIT OR CC0-1.0)', '(BSD-2-Clause OR MIT OR Apache-2.0)', 'MIT-0']);

const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
const problems = text.includes('"resolved"') ? ['package-lock.json names registry addresses'] : [];
for (const [path, entry] of Object.entries(JSON.parse(text).packages)) {
  if (path === '' || PERMISSIVE.has(entry.license)) continue;
  problems.push(`${path}: ${entry.license ?? 'no licence given'}`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
