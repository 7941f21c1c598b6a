/** For `doctor`: what keeps functions apart and within their limits on this machine. */
import { platform } from 'node:os';
import { findCgroups } from './cgroup.ts';
import { namespaceCommand } from './isolation.ts';

export interface Description {
  /** `nodejs22.x`, `/tmp of a function`. */
  readonly part: string;
  readonly available: boolean;
  readonly detail: string;
}

export async function describeIsolation(): Promise<readonly Description[]> {
  const namespaces = (await namespaceCommand()) !== undefined;
  const isLinux = platform() === 'linux';
  return [
    {
      part: '/opt of a function',
      available: true,
      detail: namespaces
        ? 'its layers, merged, by a mount namespace'
        : 'its layers, merged, are found by variables (NODE_PATH, PYTHONPATH, PATH, LD_LIBRARY_PATH) only',
    },
    {
      part: '/tmp of a function',
      available: true,
      detail: `a folder of its own by TMPDIR and HOME; the path /tmp itself ${namespaces ? 'too with GATEHOUSE_FUNCTION_ISOLATION=strict' : 'is shared with this machine'}`,
    },
    {
      part: 'user of a function',
      available: process.getuid?.() === 0,
      detail:
        process.getuid?.() === 0
          ? 'the server’s, or the one of GATEHOUSE_FUNCTION_USER=uid:gid'
          : 'the server’s: another one needs a server that is root',
    },
    {
      part: 'ephemeral storage',
      available: true,
      detail: 'a function whose /tmp holds more is ended',
    },
    describeProcessor(isLinux),
    {
      part: 'memory of a function',
      available: true,
      detail:
        findCgroups() === undefined
          ? 'looked at ten times a second; a function with more is ended'
          : 'held by a cgroup',
    },
  ];
}

function describeProcessor(isLinux: boolean): Description {
  const part = 'processor share';
  const cgroups = findCgroups();
  if (cgroups !== undefined) return { part, available: true, detail: `by cgroups in ${cgroups}` };
  if (!isLinux)
    return { part, available: false, detail: 'memory size does not limit processor time on this system' };
  const detail =
    'in proportion to memory, 1,769 MB being one core: stopped and continued by signals, as no cgroup is to be had';
  return { part, available: true, detail };
}
