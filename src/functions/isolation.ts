/**
 * What keeps an environment to itself on this machine, decided here alone. A folder is put under AWS's path by a mount
 * namespace (`unshare` of util-linux), which root has and most Linux systems give to everybody in a user namespace;
 * where it is not to be had, variables alone lead to the folders.
 */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:os';

export interface IsolationOptions {
  /**
   * `auto`: `/opt` is a function's layers where that can be had. `strict`: that, and a `/tmp` of its own; functions
   * do not run where it cannot be had. `off`: neither.
   */
  readonly mode: 'auto' | 'strict' | 'off';
  /** The user functions run as, `uid` or `uid:gid`; needs a server that is root. */
  readonly user?: string;
}

export interface Mounts {
  readonly opt?: string;
  readonly tmp?: string;
}

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** `unshare` with its flags for who we are; undefined where namespaces cannot be had. Asked once. */
let probed: Promise<readonly string[] | undefined> | undefined;
export const namespaceCommand = (): Promise<readonly string[] | undefined> => (probed ??= probe());

async function probe(): Promise<readonly string[] | undefined> {
  const unshare = platform() === 'linux' ? find('unshare') : undefined;
  if (unshare === undefined || find('mount') === undefined) return undefined;
  const flags = isRoot() ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const works = await new Promise<boolean>((resolve) => {
    const script = 'mount -n --bind /usr /opt';
    execFile(unshare, [...flags, '/bin/sh', '-c', script], { env: {} }, (error) => resolve(error === null));
  });
  return works ? [unshare, ...flags] : undefined;
}

const FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

function find(program: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, program)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Whether `/opt` may be covered: not when something the function needs lies in it. */
export const mayCoverOpt = (paths: readonly string[]): boolean =>
  !paths.some((path) => path === '/opt' || path.startsWith('/opt/'));

export const mayCoverTmp = (paths: readonly string[]): boolean =>
  !paths.some((path) => path === '/tmp' || path.startsWith('/tmp/'));

/** $1 and $2 are mounted as /opt and /tmp, what follows is run. */
const MOUNT = `
[ -z "$1" ] || mount -n --bind "$1" /opt || exit 71
[ -z "$2" ] || mount -n --bind "$2" /tmp || exit 71
shift 2
exec "$@"
`;

/** The command as it has to be started for the mounts and the user to hold. */
export function confine(
  inner: Command,
  mounts: Mounts,
  unshare: readonly string[] | undefined,
  user: string | undefined,
): Command {
  const mounting = mounts.opt !== undefined || mounts.tmp !== undefined;
  if (!mounting && user === undefined) return inner;
  const { variables, script } = shield(inner.variables);
  const asUser = user === undefined ? [] : dropTo(user);
  const start = [...asUser, '/bin/sh', '-c', script, 'sh', inner.command, ...inner.args];
  if (!mounting) return commandOf(start, variables);
  if (unshare === undefined) throw new Error('mount namespaces are not to be had on this machine');
  return commandOf(
    [...unshare, '/bin/sh', '-c', MOUNT, 'sh', mounts.opt ?? '', mounts.tmp ?? '', ...start],
    variables,
  );
}

const commandOf = ([command = '', ...args]: readonly string[], variables: Command['variables']): Command => ({
  command,
  args,
  variables,
});

function dropTo(user: string): string[] {
  const setpriv = find('setpriv');
  if (setpriv === undefined || !isRoot())
    throw new Error(`functions cannot run as user ${user}: that needs setpriv, and a server that is root`);
  const [uid = '', gid = uid] = user.split(':');
  return [setpriv, `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs', '--'];
}

/**
 * A function's variables for the loader (`LD_LIBRARY_PATH` and its kin) must not reach the programs that set its
 * environment up, some of them as root: they travel under another name until the function's own program starts.
 */
function shield(given: Command['variables']): { variables: Record<string, string>; script: string } {
  const variables: Record<string, string> = {};
  const restore: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!/^LD_[A-Z0-9_]+$/.test(name)) {
      variables[name] = value;
      continue;
    }
    variables[`GATEHOUSE_${name}`] = value;
    restore.push(`export ${name}="$GATEHOUSE_${name}"; unset GATEHOUSE_${name}`);
  }
  // A shell sets these by itself.
  return { variables, script: [...restore, 'unset PWD OLDPWD SHLVL _', 'exec "$@"'].join('\n') };
}
