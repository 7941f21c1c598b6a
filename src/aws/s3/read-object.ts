/** Reading: conditions, ranges, and the bytes of an object's pieces as one stream. */
import { Readable } from 'node:stream';
import type { Blobs } from '../../store/store.ts';
import { invalidPart, invalidRange, notModified, preconditionFailed } from './faults.ts';
import type { ObjectVersion, Piece } from './object-rows.ts';

export interface ConditionInput {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

const matches = (header: string, etag: string): boolean =>
  header.split(',').some(
    (part) =>
      part.trim() === '*' ||
      part
        .trim()
        .replace(/^W\/|"/g, '')
        .replace(/"/g, '') === etag,
  );

/** In HTTP's order (RFC 9110, 13.2.2). Throws PreconditionFailed or NotModified. */
export function checkReadConditions(version: ObjectVersion, input: ConditionInput): void {
  const seconds = Math.floor(version.modifiedMs / 1000);
  if (input.IfMatch) {
    if (!matches(input.IfMatch, version.etag)) throw preconditionFailed('If-Match');
  } else if (input.IfUnmodifiedSince && seconds > input.IfUnmodifiedSince.getTime() / 1000) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (input.IfNoneMatch) {
    if (matches(input.IfNoneMatch, version.etag)) throw notModified();
  } else if (input.IfModifiedSince && seconds <= input.IfModifiedSince.getTime() / 1000) {
    throw notModified();
  }
}

/** Of a put: `If-None-Match: *` wants no object there, `If-Match` wants that one. */
export function checkWriteConditions(current: ObjectVersion | undefined, input: ConditionInput): void {
  if (input.IfNoneMatch && current) throw preconditionFailed('If-None-Match');
  if (input.IfMatch && !(current && matches(input.IfMatch, current.etag)))
    throw preconditionFailed('If-Match');
}

export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Absent when the whole object is asked for. */
  readonly contentRange?: string;
}

/** `bytes=0-99`, `bytes=100-`, `bytes=-5`; a range of another form, or several, is as none (RFC 9110). */
export function spanOf(range: string | undefined, sizeBytes: number): Span {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (from === '' && to === '') return { start: 0, end: sizeBytes };
  const start = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? sizeBytes : Math.min(sizeBytes, Number(to) + 1);
  if (start >= sizeBytes || end <= start) throw invalidRange();
  return { start, end, contentRange: `bytes ${start}-${end - 1}/${sizeBytes}` };
}

export function spanOfPart(version: ObjectVersion, partNumber: number): Span {
  let start = 0;
  for (const piece of version.pieces) {
    const end = start + piece.sizeBytes;
    if (piece.partNumber === partNumber)
      return { start, end, contentRange: `bytes ${start}-${end - 1}/${version.sizeBytes}` };
    start = end;
  }
  throw invalidPart();
}

export function openSpan(blobs: Blobs, pieces: readonly Piece[], { start, end }: Span): Readable {
  return Readable.from(chunksOf(blobs, pieces, start, end), { objectMode: false });
}

async function* chunksOf(
  blobs: Blobs,
  pieces: readonly Piece[],
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const piece of pieces) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, piece.sizeBytes);
    offset += piece.sizeBytes;
    if (from < to) yield* blobs.open(piece.blobId, from, to);
  }
}
