/**
 * Unpacks a deployment package into a folder: paths stay inside it, symbolic links too, permissions are kept, and the
 * size is what comes out, not what the package says. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { createWriteStream } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, symlink } from 'node:fs/promises';
import { dirname, join, normalize, resolve, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { Fault } from '../base/fault.ts';

export interface UnpackLimits {
  readonly unzippedBytes: number;
  readonly entries: number;
}

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly packedBytes: number;
  readonly localHeaderAt: number;
  /** Unix mode, 0 where the package has none. */
  readonly mode: number;
}

const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const FILE_TYPE = 0o170000;
const SYMLINK = 0o120000;
const LONGEST_LINK = 4096;

/** Throws `Fault` InvalidZipFileException for what is no such package. */
export async function unpackZip(path: string, folder: string, limits: UnpackLimits): Promise<void> {
  const file = await open(path, 'r');
  try {
    const entries = await readEntries(file, limits);
    await writeEntries(file, entries, folder, limits);
  } finally {
    await file.close();
  }
}

const unreadable = (why: string): Fault =>
  new Fault('InvalidZipFileException', `Lambda could not unzip the deployment package: ${why}.`, {
    status: 502,
    members: { Type: 'User' },
  });

async function writeEntries(
  file: FileHandle,
  entries: readonly Entry[],
  folder: string,
  limits: UnpackLimits,
): Promise<void> {
  const budget = { left: limits.unzippedBytes, total: limits.unzippedBytes };
  const links: { readonly at: string; readonly target: string }[] = [];
  const made = new Set<string>();
  for (const entry of entries) {
    const at = placeIn(folder, entry.name);
    if (entry.name.endsWith('/')) {
      await makeFolder(at, made);
      continue;
    }
    await makeFolder(dirname(at), made);
    if ((entry.mode & FILE_TYPE) === SYMLINK) links.push({ at, target: await readLink(file, entry) });
    else await writeFile(file, entry, at, budget);
  }
  // Links come last: nothing is ever written through one.
  for (const { at, target } of links) {
    const inside = resolve(dirname(at), target);
    if (inside !== folder && !inside.startsWith(folder + sep)) throw unreadable(`${target} lies outside it`);
    await symlink(target, at);
  }
}

function placeIn(folder: string, name: string): string {
  const relative = normalize(name);
  if (name.includes('\0') || relative.startsWith('/') || relative === '..' || relative.startsWith(`..${sep}`))
    throw unreadable(`${JSON.stringify(name)} lies outside it`);
  return join(folder, relative);
}

async function makeFolder(folder: string, made: Set<string>): Promise<void> {
  if (made.has(folder)) return;
  await mkdir(folder, { recursive: true });
  made.add(folder);
}

async function writeFile(
  file: FileHandle,
  entry: Entry,
  at: string,
  budget: { left: number; readonly total: number },
): Promise<void> {
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      budget.left -= chunk.length;
      if (budget.left < 0) done(tooLarge(budget.total));
      else done(null, chunk);
    },
  });
  // `wx`: an entry that comes twice is refused, and so is one in the place of a link.
  const target = createWriteStream(at, { flags: 'wx', mode: 0o644 });
  if (entry.packedBytes === 0) await new Promise((done, fail) => target.on('error', fail).end(done));
  else {
    const source = await contentOf(file, entry);
    if (entry.method === STORED) await pipeline(source, count, target);
    else await pipeline(source, createInflateRaw(), count, target).catch(asUnreadable);
  }
  const mode = entry.mode & 0o777;
  if (mode !== 0) await chmod(at, mode | 0o600);
}

function asUnreadable(thrown: unknown): never {
  throw thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('Z_')
    ? unreadable(thrown.message)
    : thrown;
}

const tooLarge = (bytes: number): Fault =>
  new Fault('InvalidParameterValueException', `Unzipped size must be smaller than ${bytes} bytes`, {
    status: 400,
    members: { Type: 'User' },
  });

async function readLink(file: FileHandle, entry: Entry): Promise<string> {
  if (entry.method !== STORED && entry.method !== DEFLATED) throw unreadable('a symbolic link is packed');
  const parts: Buffer[] = [];
  const source = await contentOf(file, entry);
  const plain = entry.method === STORED ? source : source.pipe(createInflateRaw());
  let bytes = 0;
  for await (const part of plain) {
    bytes += part.length;
    if (bytes > LONGEST_LINK) throw unreadable('a symbolic link is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function contentOf(file: FileHandle, entry: Entry) {
  const header = await readAt(file, entry.localHeaderAt, 30);
  if (header.readUInt32LE(0) !== LOCAL_SIGNATURE) throw unreadable('an entry is not where it should be');
  const start = entry.localHeaderAt + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  return file.createReadStream({ start, end: start + entry.packedBytes - 1, autoClose: false });
}

async function readEntries(file: FileHandle, limits: UnpackLimits): Promise<readonly Entry[]> {
  const { size } = await file.stat();
  const tailBytes = Math.min(size, END_BYTES + LONGEST_COMMENT);
  const tail = await readAt(file, size - tailBytes, tailBytes);
  let end = tailBytes - END_BYTES;
  while (end >= 0 && tail.readUInt32LE(end) !== END_SIGNATURE) end -= 1;
  if (end < 0) throw unreadable('it is not a zip file');
  const count = tail.readUInt16LE(end + 10);
  const bytes = tail.readUInt32LE(end + 12);
  const start = tail.readUInt32LE(end + 16);
  if (count === 0xffff || start === 0xffffffff) throw unreadable('zip64 is not supported');
  if (count > limits.entries) throw unreadable(`it has more than ${limits.entries} entries`);
  if (start + bytes > size) throw unreadable('it is cut short');
  const directory = await readAt(file, start, bytes);
  const entries: Entry[] = [];
  for (let at = 0; entries.length < count; ) {
    const [entry, next] = readEntry(directory, at);
    entries.push(entry);
    at = next;
  }
  return entries;
}

const MADE_ON_UNIX = 3;
const ENCRYPTED = 1;

function readEntry(directory: Buffer, at: number): readonly [Entry, number] {
  if (at + 46 > directory.length || directory.readUInt32LE(at) !== ENTRY_SIGNATURE)
    throw unreadable('its directory is damaged');
  const nameBytes = directory.readUInt16LE(at + 28);
  const nameAt = at + 46;
  const next = nameAt + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  if ((directory.readUInt16LE(at + 8) & ENCRYPTED) !== 0) throw unreadable('an entry is encrypted');
  const method = directory.readUInt16LE(at + 10);
  if (method !== STORED && method !== DEFLATED) throw unreadable(`compression method ${method}`);
  const onUnix = directory[at + 5] === MADE_ON_UNIX;
  const entry: Entry = {
    name: directory.toString('utf8', nameAt, nameAt + nameBytes),
    method,
    packedBytes: directory.readUInt32LE(at + 20),
    localHeaderAt: directory.readUInt32LE(at + 42),
    mode: onUnix ? directory.readUInt32LE(at + 38) >>> 16 : 0,
  };
  return [entry, next];
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, position);
  if (bytesRead !== bytes) throw unreadable('it is cut short');
  return buffer;
}
