/**
 * Ends every environment when the server is gone, however it went: a small shell reads the process groups to look
 * after from its standard input, and end of file is its sign. A function in an endless loop, or one that is stopped,
 * would notice nothing itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';

export interface ProcessGuard {
  watch(group: number): void;
  release(group: number): void;
  close(): void;
}

const SCRIPT = `
trap '' HUP INT TERM
groups=
while read -r sign group; do
  case $sign in
    +) groups="$groups $group" ;;
    -) kept=; for one in $groups; do [ "$one" = "$group" ] || kept="$kept $one"; done; groups=$kept ;;
  esac
done
for one in $groups; do kill -s KILL -- "-$one" 2>/dev/null; done
`;

export function createProcessGuard(): ProcessGuard {
  let guard: ChildProcess | undefined;
  const tell = (line: string): void => {
    guard ??= startGuard();
    guard.stdin?.write(line);
  };
  return {
    watch: (group) => tell(`+ ${group}\n`),
    release: (group) => tell(`- ${group}\n`),
    close: () => guard?.stdin?.end(),
  };
}

function startGuard(): ChildProcess {
  const guard = spawn('/bin/sh', ['-c', SCRIPT], {
    // In a group of its own: Ctrl-C in a terminal goes to the server's.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  guard.on('error', () => {});
  guard.stdin?.on('error', () => {});
  guard.unref();
  return guard;
}
