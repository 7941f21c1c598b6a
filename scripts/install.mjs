/** Brings the dependencies that the lockfile names, when they are not there yet. Runs on plain Node. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The Bun that the lockfile pins: its platform package's own binary, so that no install script is needed. */
export function bunPath() {
  const os = process.platform;
  const candidates = [
    join(root, 'node_modules', 'bun', 'bin', 'bun.exe'),
    ...['', '-musl'].map((libc) => join(root, 'node_modules', '@oven', `bun-${os}-${cpu()}${libc}`, 'bin', 'bun')),
  ];
  return candidates.find((path) => existsSync(path) && runs(path));
}

export function installMissing() {
  if (isInstalled() && bunPath()) return;
  console.error('gatehouse: installing what package-lock.json names (npm ci)');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
  if (!bunPath()) {
    console.error(`gatehouse: Bun has no build for ${process.platform} ${process.arch}`);
    process.exit(1);
  }
}

function isInstalled() {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const there = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages;
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || entry.optional || there[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

const cpu = () => (process.arch === 'arm64' ? 'aarch64' : 'x64');

const runs = (path) => spawnSync(path, ['--version']).status === 0;

if (process.argv[1] === fileURLToPath(import.meta.url)) installMissing();
