/** Why a template cannot be compiled or did not finish, and where: line and column count from 1. */
export class VtlError extends Error {
  /** What went wrong, without the place. */
  readonly reason: string;
  readonly line: number;
  readonly column: number;

  constructor(reason: string, source: string, offset: number) {
    const before = source.slice(0, offset).split('\n');
    const line = before.length;
    const column = (before.at(-1)?.length ?? 0) + 1;
    super(`${reason} at line ${line}, column ${column}`);
    this.name = 'VtlError';
    this.reason = reason;
    this.line = line;
    this.column = column;
  }
}
