import type { ErrorCode } from '@orbit/contracts';

/** The exit status of a command; scripts switch on it. */
export const EXIT = { ok: 0, finding: 1, usage: 2, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A fault that an operator can repair: printed as one sentence, without a stack trace. */
export class OrbitCliError extends Error {
  readonly exitCode: ExitCode = EXIT.finding;
}

/** The command line asks for something that cannot be: wrong form, options that exclude each other. */
export class UsageError extends OrbitCliError {
  override readonly exitCode = EXIT.usage;
}

/** Ctrl-C, after what was under way came to an end. The message says how to go on. */
export class Interrupted extends OrbitCliError {
  override readonly exitCode = EXIT.interrupted;
}

/** A refusal of the product: its own sentence and its code of the catalogue. */
export class Refused extends OrbitCliError {
  constructor(
    message: string,
    readonly code: ErrorCode | null,
  ) {
    super(message);
  }
}
