/** Looks into a zip archive just enough to accept or refuse it: its directory, never its contents. */
import { lambdaFault, invalidParameter } from './fault.ts';
import { limits } from '../../base/limits.ts';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
/** Sizes of this value stand for "see the zip64 record"; no package that is small enough needs one. */
const ZIP64 = 0xffffffff;

/** Checks that the archive can be unpacked and is small enough. Returns the size of what is in it, in bytes. */
export function checkZip(bytes: Uint8Array): number {
  if (bytes.length === 0) throw invalidParameter('Uploaded file must be a non-empty zip');
  const unzipped = unzippedBytes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (unzipped === undefined)
    // Recorded from AWS.
    throw invalidParameter(
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    );
  if (unzipped >= limits.lambdaUnzippedCodeBytes)
    throw invalidParameter(`Unzipped size must be smaller than ${limits.lambdaUnzippedCodeBytes} bytes`);
  return unzipped;
}

/** Only what is sent in the request itself is held to this; through S3 only the unzipped size counts. */
export function checkUploadSize(bytes: Uint8Array): void {
  if (bytes.length >= limits.lambdaZippedUploadBytes)
    throw lambdaFault(
      'RequestEntityTooLargeException',
      `Zipped size must be smaller than ${limits.lambdaZippedUploadBytes} bytes`,
    );
}

function unzippedBytes(zip: Buffer): number | undefined {
  const end = findEnd(zip);
  if (end === undefined) return undefined;
  const entries = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  let total = 0;
  for (let entry = 0; entry < entries; entry++) {
    if (at + 46 > end || zip.readUInt32LE(at) !== DIRECTORY_ENTRY) return undefined;
    const size = zip.readUInt32LE(at + 24);
    if (size === ZIP64) return Number.POSITIVE_INFINITY;
    total += size;
    at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return total;
}

function findEnd(zip: Buffer): number | undefined {
  const first = Math.max(0, zip.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let at = zip.length - END_BYTES; at >= first; at--)
    if (zip.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  return undefined;
}
