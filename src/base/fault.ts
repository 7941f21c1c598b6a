/**
 * A Fault is the only thing our code throws on purpose: an AWS error by its AWS name.
 * `wire` turns it into the protocol's own form; anything else that is thrown is our bug and answers 500.
 */
export class Fault extends Error {
  /** AWS's error code, e.g. `NotFoundException`. */
  readonly code: string;
  /** HTTP status, when the SDK schema of the error does not carry one (or carries another). */
  readonly status: number | undefined;
  /** Further members of the error shape, by AWS's member names (e.g. `{ Type: 'User' }`). */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, more: FaultDetails = {}) {
    super(message);
    this.name = 'Fault';
    this.code = code;
    this.status = more.status;
    this.members = more.members ?? {};
  }
}

export interface FaultDetails {
  readonly status?: number;
  readonly members?: Readonly<Record<string, unknown>>;
}

export const isFault = (thrown: unknown): thrown is Fault => thrown instanceof Fault;

/** The text of anything thrown, for logs. */
export const reasonOf = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message : String(thrown);
