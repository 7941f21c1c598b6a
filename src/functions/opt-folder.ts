/**
 * A function's layers merged into the one folder it sees as `/opt`, the later over the earlier, as Lambda unpacks them:
 * https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html. Files are linked, not copied.
 */
import { createHash, randomBytes } from 'node:crypto';
import { copyFile, link, lstat, mkdir, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionCode } from './config.ts';

/** Undefined without layers. `folders` are the layers' own, lowest first. */
export async function mergeLayers(
  layers: readonly FunctionCode[],
  folders: readonly string[],
  parent: string,
): Promise<string | undefined> {
  const [only] = folders;
  if (only === undefined) return undefined;
  if (folders.length === 1) return only;
  const target = join(parent, nameOf(layers));
  if (await isFolder(target)) return target;
  const making = join(parent, `.merging-${randomBytes(6).toString('hex')}`);
  await mkdir(making, { recursive: true });
  for (const folder of folders) await merge(folder, making);
  try {
    await rename(making, target);
  } catch (thrown) {
    // Another environment was quicker.
    await rm(making, { recursive: true, force: true });
    if (!(await isFolder(target))) throw thrown;
  }
  return target;
}

/** Archives never change; a folder of this machine does, so that its merge is nobody else's. */
function nameOf(layers: readonly FunctionCode[]): string {
  const hash = createHash('sha256');
  for (const layer of layers)
    hash.update(layer.kind === 'zip' ? layer.sha256 : `${layer.path}${randomBytes(8).toString('hex')}`);
  return hash.digest('hex').slice(0, 32);
}

async function merge(from: string, into: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const target = join(into, entry.name);
    const before = await lstat(target).catch(() => undefined);
    if (entry.isDirectory()) {
      if (before && !before.isDirectory()) await rm(target);
      await mkdir(target, { recursive: true });
      await merge(source, target);
      continue;
    }
    if (before) await rm(target, { recursive: true });
    if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    // Another file system, or one without links.
    else await link(source, target).catch(() => copyFile(source, target));
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
