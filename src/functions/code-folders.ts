/** Where a function's code and layers lie on disk: a zip is unpacked once for its digest, a folder is used in place. */
import { mkdir, mkdtemp, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Fault } from '../base/fault.ts';
import { limits } from '../base/limits.ts';
import type { FunctionCode } from './config.ts';
import { unpackZip } from './unpack-zip.ts';

export interface CodeFolders {
  folderOf(code: FunctionCode): Promise<string>;
  /** A `node_modules` folder with the AWS SDK in it, as Lambda's runtime has one. */
  sdkFolder(): Promise<string>;
}

const SHA256 = /^[A-Za-z0-9+/=_-]{1,88}$/;

export function createCodeFolders(dataDir: string): CodeFolders {
  const unpacking = new Map<string, Promise<string>>();
  let sdk: Promise<string> | undefined;
  return {
    async folderOf(code) {
      if (code.kind === 'folder') return existing(code.path);
      const known = unpacking.get(code.sha256);
      if (known && (await isFolder(await known))) return known;
      const work = unpack(dataDir, code.path, code.sha256);
      unpacking.set(code.sha256, work);
      work.catch(() => unpacking.delete(code.sha256));
      return work;
    },
    sdkFolder: () => (sdk ??= linkSdk(dataDir)),
  };
}

async function existing(path: string): Promise<string> {
  if (await isFolder(path)) return path;
  throw new Fault('ResourceNotFoundException', `The function's code folder does not exist: ${path}`, {
    status: 404,
    members: { Type: 'User' },
  });
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

async function unpack(dataDir: string, zip: string, sha256: string): Promise<string> {
  if (!SHA256.test(sha256)) throw new Error(`not a digest: ${sha256}`);
  const parent = join(dataDir, 'code');
  const folder = join(parent, Buffer.from(sha256).toString('base64url'));
  if (await isFolder(folder)) return folder;
  await mkdir(parent, { recursive: true });
  const making = await mkdtemp(join(parent, '.unpacking-'));
  try {
    await unpackZip(zip, making, {
      unzippedBytes: limits.lambdaUnzippedCodeBytes,
      entries: limits.lambdaPackageEntries,
    });
    // Whole or not at all: a server that stops here leaves no half of it under the digest's name.
    await rename(making, folder);
  } catch (thrown) {
    await rm(making, { recursive: true, force: true });
    if (await isFolder(folder)) return folder;
    throw thrown;
  }
  return folder;
}

/**
 * Only the SDK and what it is made of, not everything this server has installed. It lies above the unpacked code:
 * ES modules, which do not look at NODE_PATH, find it on their way up.
 */
async function linkSdk(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'node_modules');
  await mkdir(folder, { recursive: true });
  const installed = installedModules();
  if (installed === undefined) return folder;
  for (const name of ['@aws-sdk', '@smithy']) await link(join(installed, name), join(folder, name));
  return folder;
}

async function link(target: string, at: string): Promise<void> {
  await rm(at, { force: true });
  await symlink(target, at).catch((error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
}

function installedModules(): string | undefined {
  try {
    const found = createRequire(import.meta.url).resolve('@aws-sdk/client-dynamodb/package.json');
    return dirname(dirname(dirname(found)));
  } catch {
    return undefined;
  }
}
