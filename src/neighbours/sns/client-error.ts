/** The endpoint does not want what it got: it is not tried again. */
export class ClientError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'ClientError';
  }
}
