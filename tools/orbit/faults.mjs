/** What a command ends with; scripts switch on it. */
export const EXIT = { ok: 0, finding: 1, usage: 2, interrupted: 130 };

/** Something an operator can mend: told in one sentence, without a stack trace. */
export class OrbitCliError extends Error {
  exitCode = EXIT.finding;
}

/** The command line asks for something that cannot be: wrong form, options that exclude each other. */
export class UsageError extends OrbitCliError {
  exitCode = EXIT.usage;
}

/** Ctrl-C, after what was under way came to an end. The message says how to go on. */
export class Interrupted extends OrbitCliError {
  exitCode = EXIT.interrupted;
}
