import { Command, CommanderError } from 'commander';
import { Context } from './context.mjs';
import { EXIT, OrbitCliError, UsageError } from './faults.mjs';
import * as dlq from './dlq.mjs';
import * as lag from './lag.mjs';
import * as ledger from './ledger-commands.mjs';
import * as organizations from './organizations.mjs';
import * as reconcile from './reconcile.mjs';
import * as replay from './replay.mjs';
import * as sandbox from './sandbox.mjs';
import * as topics from './topics.mjs';
import * as wallet from './wallet.mjs';

/** One file per subject, in the order of the help. Each exports `register(program, context)`. */
const SUBJECTS = [organizations, wallet, topics, lag, replay, dlq, ledger, reconcile, sandbox];

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
    return faultStatus(error, context);
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    await context.close();
  }
}

function faultStatus(error, context) {
  if (error instanceof CommanderError) {
    // Commander has said it already; help that was asked for is no fault.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (error instanceof OrbitCliError) {
    context.say(error.message);
    if (error instanceof UsageError) context.say('(add --help for more)');
    return error.exitCode;
  }
  const cause = error?.cause?.message || error?.message;
  context.say(
    isAway(error)
      ? `${cause || error.code} — is the stack running? (npm start)`
      : String(error?.stack ?? error),
  );
  return EXIT.finding;
}

/** A server that cannot be reached, broke off, hangs or starts: nothing that a stack trace would explain. */
const AWAY =
  /ECONN|ENOTFOUND|ETIMEDOUT|EPIPE|UND_ERR|57P0|53300|KafkaJS(Connection|RequestTimeout|NumberOfRetries)|TimeoutError|fetch failed|terminated|timeout|timed out|Connection is closed/;
const isAway = (error) =>
  AWAY.test(`${error?.cause?.code} ${error?.code} ${error?.name} ${error?.message}`);
