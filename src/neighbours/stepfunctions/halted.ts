/** The server stops: executions rest where they are, and are taken up again by the next one. */
export class Halted extends Error {
  constructor() {
    super('the server stops');
    this.name = 'Halted';
  }
}
