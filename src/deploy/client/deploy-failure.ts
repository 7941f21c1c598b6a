/** A deployment that failed, with every reason that is known. */
export class DeployFailure extends Error {
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super(reasons.join('\n'));
    this.name = 'DeployFailure';
    this.reasons = reasons;
  }
}
