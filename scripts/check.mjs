/** `npm run check`: types, lint, format, import table, dead code, licences. Runs all, then says which failed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bunPath, installMissing, root } from './install.mjs';

installMissing();
const bin = (name) => join(root, 'node_modules', '.bin', name);
const steps = [
  ['types', bin('tsc'), ['-p', '.']],
  ['lint', bin('oxlint'), ['--deny-warnings', 'src', 'tests', 'bench', 'scripts', 'examples']],
  ['format', bin('biome'), ['ci', '--linter-enabled=false', '--assist-enabled=false', '--error-on-warnings', '.']],
  ['import table and dead files', bunPath(), ['test', 'tests/tidy.test.ts']],
  ['dead code', bin('knip'), []],
  ['licences', process.execPath, [join(root, 'scripts', 'licences.mjs')]],
  ['coverage page', bunPath(), [join(root, 'scripts', 'coverage.ts'), '--check']],
];
const failed = [];
for (const [name, command, args] of steps) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name}`);
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) console.log(`check failed: ${failed.join(', ')}`);
process.exit(failed.length > 0 ? 1 : 0);
