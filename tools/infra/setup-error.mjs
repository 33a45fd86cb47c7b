/** A fault of the surroundings. Its message says what to do, so it is printed without a stack. */
export class SetupError extends Error {
  name = 'SetupError';

  /** @param {string} message @param {number} [exitCode] of the process that ended instead of being ready */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
