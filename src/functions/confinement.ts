/** Where one environment's programs see their folders, and as whom they run. */
import { Fault } from '../base/fault.ts';
import {
  type Command,
  confine,
  type IsolationOptions,
  mayCoverOpt,
  mayCoverTmp,
  namespaceCommand,
} from './isolation.ts';

export interface Confinement {
  /** The merged layers on disk; undefined without layers. */
  readonly optFolder: string | undefined;
  /** Where the function sees them: `/opt`, or the folder itself. */
  readonly optPath: string | undefined;
  /** Put under `/tmp`, too; the function's own folder then has that name. */
  readonly coversTmp: boolean;
  readonly tmpFolder: string;
  readonly unshare: readonly string[] | undefined;
  readonly user: string | undefined;
}

export interface ConfinementInput {
  readonly options: IsolationOptions;
  readonly optFolder: string | undefined;
  /** What the function needs: none of it may be covered. */
  readonly needed: readonly string[];
}

/** Everything but the environment's own folder. Throws `Fault` when what is asked for cannot be had. */
export async function planConfinement({
  options,
  optFolder,
  needed,
}: ConfinementInput): Promise<Omit<Confinement, 'tmpFolder'>> {
  const wanted = options.mode === 'strict' || (options.mode === 'auto' && optFolder !== undefined);
  const unshare = wanted ? await namespaceCommand() : undefined;
  const coversOpt = unshare !== undefined && optFolder !== undefined && mayCoverOpt(needed);
  const coversTmp = unshare !== undefined && options.mode === 'strict' && mayCoverTmp(needed);
  if (options.mode === 'strict' && !(coversTmp && (optFolder === undefined || coversOpt)))
    throw cannotConfine(
      unshare === undefined
        ? 'mount namespaces are not to be had on this machine'
        : `what the function needs lies below a folder that would be covered: ${needed.find((path) => !mayCoverTmp([path]) || !mayCoverOpt([path]))}`,
    );
  return {
    optFolder,
    optPath: coversOpt ? '/opt' : optFolder,
    coversTmp,
    unshare,
    user: options.user,
  };
}

const cannotConfine = (why: string): Fault =>
  new Fault('ServiceException', `GATEHOUSE_FUNCTION_ISOLATION=strict cannot be kept: ${why}`, {
    status: 500,
  });

export function confineIn(confinement: Confinement, inner: Command): Command {
  const { optFolder, optPath, coversTmp, tmpFolder, unshare, user } = confinement;
  const mounts = {
    ...(optPath === '/opt' && optFolder !== undefined && { opt: optFolder }),
    ...(coversTmp && { tmp: tmpFolder }),
  };
  return confine(inner, mounts, unshare, user);
}
