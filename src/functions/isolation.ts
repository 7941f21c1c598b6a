/**
 * What keeps environments apart on this machine, and what does not. Decided here alone: a private `/tmp`, `/opt` and
 * `/var/task` need mount namespaces, which not every machine gives to an ordinary user.
 */
import { execFile } from 'node:child_process';
import { platform } from 'node:os';

export interface Description {
  /** `nodejs22.x`, `/tmp of a function`. */
  readonly part: string;
  readonly available: boolean;
  readonly detail: string;
}

export async function describeIsolation(): Promise<readonly Description[]> {
  const namespaces = await hasNamespaces();
  const possible = namespaces ? 'namespaces work here and are not used yet' : 'namespaces do not work here';
  return [
    {
      part: '/tmp of a function',
      available: true,
      detail: 'a folder of its own by TMPDIR; the path /tmp itself is shared with this machine',
    },
    {
      part: '/opt and /var/task',
      available: false,
      detail: `layers and code are found by variables (LAMBDA_TASK_ROOT, NODE_PATH, PYTHONPATH, PATH) only; ${possible}`,
    },
    {
      part: 'ephemeral storage',
      available: false,
      detail: 'the size of a function’s /tmp is not limited',
    },
    {
      part: 'processor share',
      available: false,
      detail: 'memory size does not limit processor time',
    },
  ];
}

function hasNamespaces(): Promise<boolean> {
  if (platform() !== 'linux') return Promise.resolve(false);
  return new Promise((resolve) => {
    execFile('unshare', ['--user', '--mount', '--map-root-user', 'true'], (error) => resolve(error === null));
  });
}
