/** `npm run bench`: installs the peers that the benchmarks run beside, then measures. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bunPath, installMissing, root } from './install.mjs';

installMissing();
const peers = join(root, 'bench', 'peers');
if (!existsSync(join(peers, 'node_modules', 'autocannon'))) {
  console.error('gatehouse: installing the peers to measure beside');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peers, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(1);
}
const { status } = spawnSync(bunPath(), [join(root, 'bench', 'run.ts'), ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.exit(status ?? 1);
