/**
 * `npm test`: installs what is missing (what the tests talk to as well), runs every test, and ends with
 * `N passed, N failed`, counted from the runner's own report.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bunPath, installMissing, root } from './install.mjs';
import { installTestClients } from './test-clients.mjs';

installMissing();
installTestClients();

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
const report = join(folder, 'report.xml');
const run = spawnSync(
  bunPath(),
  ['test', '--timeout', '60000', '--reporter=junit', `--reporter-outfile=${report}`, ...process.argv.slice(2)],
  { cwd: root, stdio: 'inherit' },
);
const { tests, failures, skipped } = readReport(report);
rmSync(folder, { recursive: true, force: true });
const failed = failures > 0 || run.status === 0 ? failures : failures + 1;
if (skipped > 0) console.log(`${skipped} skipped: the suite allows none`);
console.log(`${tests - failures - skipped} passed, ${failed + skipped} failed`);
process.exit(run.status === 0 && failed + skipped === 0 && tests > 0 ? 0 : 1);

function readReport(path) {
  let head = '';
  try {
    head = /<testsuites\b[^>]*>/.exec(readFileSync(path, 'utf8'))?.[0] ?? '';
  } catch {
    console.error('the runner left no report');
  }
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  return { tests: count('tests'), failures: count('failures') + count('errors'), skipped: count('skipped') };
}
