import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { examples, group } from '../cli/frame.js';
import { toInstant } from '../cli/instants.js';
import { showBalances, type BalanceOptions } from './balance.js';
import { exportLedger } from './export.js';
import { showHealth } from './health.js';
import { recheckWallet, type RecheckOptions } from './recheck.js';
import { collectRoot, verifyLedger, type VerifyOptions } from './verify.js';

/** `orbit ledger` and `orbit balance`: take the books out, prove them, look at the past. */
export function register(program: Command, context: Context): void {
  const ledger = group(program, 'ledger', 'the books as a whole: export, prove, check');
  const exporting = ledger
    .command('export <file>')
    .summary('write wallets, blocks, entries, escrows, seals and roots to a file')
    .description(
      'Write the whole ledger as of one instant, one JSON object a line; packed when the name ends in .gz. The export is all that `ledger verify` needs, and carries the metadata of every charge: keep it safe.',
    )
    .action((file: string) => exportLedger(context, file));
  examples(exporting, 'ledger export books.ndjson.gz');

  const verify = ledger
    .command('verify [file]')
    .summary('recompute the books and name the first row that was tampered with')
    .description(
      'Recompute hashes, roots, balances, sequences, blocks and sums from an export, without a database; without a file, straight from the database. Ends with 1 when anything differs. A root that was noted when it was published proves that the whole history up to it is the one of that day.',
    )
    .option('--root <no:hash>', 'a published root that must be there; repeatable', collectRoot)
    .option('--roots <file>', 'published roots, one JSON value of `ledger.sealed` a line')
    .action((file: string | undefined, options: VerifyOptions) =>
      verifyLedger(context, file, options),
    );
  examples(
    verify,
    'ledger verify books.ndjson.gz',
    'ledger verify --json',
    'ledger verify books.ndjson.gz --roots sealed.ndjson',
  );

  const recheck = ledger
    .command('recheck <organizationId>')
    .summary('check a wallet now; lift its freeze when every check holds')
    .description(
      'Run the live checks on the wallets of an organization. With --clear, a wallet that is frozen with reason `reconciliation` is released if they hold, and stays frozen if one does not. Ends with 1 on a breach.',
    )
    .option('--currency <code>', 'of several wallets, this one')
    .option('--clear', 'release the wallet when all checks hold')
    .action((id: string, options: RecheckOptions) => recheckWallet(context, id, options));
  examples(recheck, 'ledger recheck org_…', 'ledger recheck org_… --clear');

  const health = ledger
    .command('health')
    .description(
      'when each live check was last true, open breaches, stalled partitions, lag of sealing',
    )
    .action(() => showHealth(context));
  examples(health, 'ledger health', 'ledger health --json');

  const balance = program
    .command('balance')
    .summary('balances of wallets at a past instant')
    .description(
      'What the books said at an instant: the balance after the last entry that was booked until then. Credit that had expired without its breakage being booked yet counts in it.',
    )
    .requiredOption('--at <time>', 'an instant such as 2026-05-16T12:00:00Z, -2h or now', (text) =>
      toInstant(text),
    )
    .option('--organization <id>', 'only the wallets of this one')
    .option('--currency <code>', 'only wallets in it')
    .action((options: BalanceOptions) => showBalances(context, options));
  examples(
    balance,
    'balance --at 2026-05-16T00:00:00Z',
    'balance --at 2026-05-16T12:00:00+02:00 --organization org_… --json',
  );
}
