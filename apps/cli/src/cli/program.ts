import { Command, CommanderError } from 'commander';
import { SetupError } from '../../../../tools/infra/setup-error.mjs';
import { Context } from './context.js';
import { EXIT, OrbitCliError, UsageError } from './faults.js';
import type { Register } from './frame.js';
import { toJson } from './output.js';
import * as dlq from '../kafka/dlq.js';
import * as audit from '../keys/audit.js';
import * as operatorKeys from '../keys/operator-keys.js';
import * as lag from '../kafka/lag.js';
import * as importOrb from '../import-orb/import-orb.js';
import * as ledger from '../ledger/ledger-commands.js';
import * as accounts from '../wallets/accounts.js';
import * as organizations from '../wallets/organizations.js';
import * as reconcile from '../payments/reconcile.js';
import * as replay from '../replay/replay.js';
import * as rerate from '../rating/rerate.js';
import * as sandbox from '../payments/sandbox.js';
import * as topics from '../kafka/topics.js';
import * as wallet from '../wallets/wallet.js';

/** One file per subject, in the order of the help. */
const SUBJECTS: readonly { readonly register: Register }[] = [
  organizations,
  operatorKeys,
  accounts,
  wallet,
  topics,
  lag,
  replay,
  dlq,
  ledger,
  audit,
  rerate,
  reconcile,
  importOrb,
  sandbox,
];

/** The whole command line. Building it touches nothing, so that its help can be generated. */
export function createProgram(context: Context): Command {
  const program = new Command('orbit')
    .description('Operate Orbit Billing from a terminal.')
    .option('--json', 'print the result as JSON on stdout')
    .option('--yes', 'do not ask before what cannot be taken back')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    })
    .showHelpAfterError('(add --help for more)')
    .exitOverride();
  context.options = () => program.opts();
  for (const { register } of SUBJECTS) register(program, context);
  return program;
}

/** Runs one command line; answers the exit status and never throws. */
export async function runOrbit(
  argv: readonly string[],
  context: Context = new Context(),
): Promise<number> {
  const program = createProgram(context);
  const onInterrupt = (): void => {
    // The second Ctrl-C does not wait any more.
    if (context.interruption.aborted) process.exit(EXIT.interrupted);
    context.say('\nStopping after what is under way; press Ctrl-C again to stop at once.');
    context.interrupt();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return context.exitCode;
  } catch (error) {
    const { status, message } = faultOf(error);
    // Commander has said its own already.
    if (!(error instanceof CommanderError)) context.say(message);
    if (error instanceof UsageError) context.say('(add --help for more)');
    // Who reads JSON gets JSON, also of what went wrong. The options are not known when they were the fault.
    if (argv.includes('--json') && status !== EXIT.ok && !context.hasPrinted) {
      context.stdout.write(`${toJson({ error: { status, message } })}\n`);
    }
    return status;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    await context.close();
  }
}

/** An error of a driver: often with a code, or with a cause that has one. */
interface Fault extends Partial<Error> {
  readonly code?: string;
  readonly cause?: { readonly code?: string; readonly message?: string };
}

/** The exit status of a command and the sentence printed for a person. */
function faultOf(error: unknown): { readonly status: number; readonly message: string } {
  const { message = '', stack, code, cause } = (error ?? {}) as Fault;
  // Help that was asked for is no fault.
  if (error instanceof CommanderError)
    return { status: error.exitCode === 0 ? EXIT.ok : EXIT.usage, message };
  if (error instanceof OrbitCliError) return { status: error.exitCode, message };
  if (error instanceof SetupError) return { status: EXIT.finding, message };
  if (!isUnavailable((error ?? {}) as Fault))
    return { status: EXIT.finding, message: String(stack ?? error) };
  const why = cause?.message || message || code;
  return { status: EXIT.finding, message: `${why} — is the stack running? (npm start)` };
}

/** A server that cannot be reached, broke off, hangs or starts: nothing that a stack trace would explain. */
const AWAY =
  /ECONN|ENOTFOUND|ETIMEDOUT|EPIPE|UND_ERR|57P0|53300|KafkaJS(Connection|RequestTimeout|NumberOfRetries)|TimeoutError|fetch failed|terminated|timeout|timed out|Connection is closed/;
const isUnavailable = ({ cause, code, name, message }: Fault): boolean =>
  AWAY.test(`${cause?.code} ${code} ${name} ${message}`);
