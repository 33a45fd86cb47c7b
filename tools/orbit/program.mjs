import { Command, CommanderError } from 'commander';
import { SetupError } from '../infra/setup-error.mjs';
import { Context } from './context.mjs';
import { EXIT, OrbitCliError, UsageError } from './faults.mjs';
import { toJson } from './output.mjs';
import * as dlq from './dlq.mjs';
import * as lag from './lag.mjs';
import * as ledger from './ledger-commands.mjs';
import * as accounts from './accounts.mjs';
import * as organizations from './organizations.mjs';
import * as reconcile from './reconcile.mjs';
import * as replay from './replay.mjs';
import * as sandbox from './sandbox.mjs';
import * as topics from './topics.mjs';
import * as wallet from './wallet.mjs';

/** One file per subject, in the order of the help. Each exports `register(program, context)`. */
const SUBJECTS = [
  organizations,
  accounts,
  wallet,
  topics,
  lag,
  replay,
  dlq,
  ledger,
  reconcile,
  sandbox,
];

/** The whole command line. Building it touches nothing, so that its help can be generated. */
export function createProgram(context) {
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
export async function runOrbit(argv, context = new Context()) {
  const program = createProgram(context);
  const onInterrupt = () => {
    // The second Ctrl-C does not wait any more.
    if (context.interruption.aborted) process.exit(EXIT.interrupted);
    context.say('\nStopping after what is under way; press Ctrl-C again to stop at once.');
    context.interrupt();
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  try {
    await program.parseAsync(argv, { from: 'user' });
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

/** What a command ends with, and what a person is told. */
function faultOf(error) {
  const { message } = error ?? {};
  // Help that was asked for is no fault.
  if (error instanceof CommanderError)
    return { status: error.exitCode === 0 ? EXIT.ok : EXIT.usage, message };
  if (error instanceof OrbitCliError) return { status: error.exitCode, message };
  if (error instanceof SetupError) return { status: EXIT.finding, message };
  if (!isAway(error)) return { status: EXIT.finding, message: String(error?.stack ?? error) };
  const cause = error?.cause?.message || message || error.code;
  return { status: EXIT.finding, message: `${cause} — is the stack running? (npm start)` };
}

/** A server that cannot be reached, broke off, hangs or starts: nothing that a stack trace would explain. */
const AWAY =
  /ECONN|ENOTFOUND|ETIMEDOUT|EPIPE|UND_ERR|57P0|53300|KafkaJS(Connection|RequestTimeout|NumberOfRetries)|TimeoutError|fetch failed|terminated|timeout|timed out|Connection is closed/;
const isAway = (error) =>
  AWAY.test(`${error?.cause?.code} ${error?.code} ${error?.name} ${error?.message}`);
