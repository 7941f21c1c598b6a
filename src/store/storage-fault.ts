import { Fault, isFault, reasonOf } from '../base/fault.ts';

/** The disk refused: full, read-only, gone. What was not acknowledged is not kept, what was is untouched. */
export class StorageFault extends Fault {
  constructor(reason: string, place: string) {
    super('ServiceUnavailable', `gatehouse cannot write to ${place}: ${reason}. Nothing was changed.`, {
      status: 503,
    });
    this.name = 'StorageFault';
  }

  /** Errors of the file system and of SQLite become a StorageFault; anything else stays what it is. */
  static from(thrown: unknown, place: string): unknown {
    if (isFault(thrown) || !isStorageError(thrown)) return thrown;
    return new StorageFault(reasonOf(thrown), place);
  }
}

const CODES = /^(SQLITE_(FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB)|ENOSPC|EDQUOT|EROFS|EIO|EACCES|EMFILE)/;

function isStorageError(thrown: unknown): boolean {
  if (!(thrown instanceof Error) || !('code' in thrown)) return false;
  return typeof thrown.code === 'string' && CODES.test(thrown.code);
}
