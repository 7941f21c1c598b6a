import { Fault, isFault, reasonOf } from '../base/fault.ts';

/**
 * The disk refused: full, read-only, gone. What was not acknowledged is not kept, what was is untouched. A full disk
 * answers 507, which no AWS client tries again: it is for a person to mend, who is to hear of it at once.
 */
export class StorageFault extends Fault {
  constructor(reason: string, place: string, full: boolean) {
    super(
      full ? 'InsufficientStorage' : 'ServiceUnavailable',
      `gatehouse cannot write to ${place}: ${reason}. Nothing was changed.`,
      { status: full ? 507 : 503 },
    );
    this.name = 'StorageFault';
  }

  /** Errors of the file system and of SQLite become a StorageFault; anything else stays what it is. */
  static from(thrown: unknown, place: string): unknown {
    if (isFault(thrown) || !isStorageError(thrown)) return thrown;
    return new StorageFault(reasonOf(thrown), place, isFullDisk(thrown));
  }
}

export const isStorageError = (thrown: unknown): boolean => REFUSED.test(codeOf(thrown));

export const isFullDisk = (thrown: unknown): boolean => FULL.test(codeOf(thrown));

const codeOf = (thrown: unknown): string =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';

const REFUSED =
  /^(SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB)|ENOSPC|EDQUOT|EFBIG|EROFS|EIO|EACCES|EMFILE)/;
const FULL = /^(SQLITE_FULL|ENOSPC|EDQUOT|EFBIG)/;
