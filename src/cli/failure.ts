/** A failure that the user can do something about: told in a sentence, without a stack trace. */
export class CliFailure extends Error {
  /** 1: failed, 2: wrong usage or a part that is not there. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'CliFailure';
    this.exitCode = exitCode;
  }
}
