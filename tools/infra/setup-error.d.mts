export class SetupError extends Error {
  constructor(message: string, exitCode?: number);
  readonly exitCode: number;
}
