/** A fault of the surroundings. Its message says what to do, so it is printed without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}
