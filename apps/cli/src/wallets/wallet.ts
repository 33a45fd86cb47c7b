import type { Command } from 'commander';
import type { Context } from '../cli/context.js';
import { examples, organizationPath, toCount } from '../cli/frame.js';
import { adjustWallet, toAmount, toReason, type Adjustment } from './adjust-wallet.js';
import { showWallets, type Shown } from './show-wallet.js';

/** `orbit wallet`: look at one wallet, stop it, start it, correct it. */
export function register(program: Command, context: Context): void {
  const wallet = program.command('wallet').description('wallets');
  const show = wallet
    .command('show <organizationId>')
    .summary('what a wallet holds, and whether Redis agrees with the ledger')
    .description(
      'Balance, holds, escrows, blocks and last entries of a wallet, from PostgreSQL, and the hot\nbalance beside it, from Redis. Ends with 1 when the two disagree.',
    )
    .option('--currency <code>', 'of several wallets, this one')
    .option('--entries <n>', 'last entries shown', toCount, 10)
    .action((id: string, options: Shown) => showWallets(context, id, options));
  examples(show, 'wallet show org_…', 'wallet show org_… --currency USD --entries 50 --json');

  for (const verb of ['pause', 'resume']) {
    const command = wallet
      .command(`${verb} <organizationId>`)
      .description(
        verb === 'pause' ? 'refuse every further authorization' : 'take back a manual pause',
      )
      .action(async (id: string) =>
        context.print(await context.operator('POST', organizationPath(id, `/${verb}`), {})),
      );
    examples(command, `wallet ${verb} org_…`);
  }

  const adjust = wallet
    .command('adjust <organizationId>')
    .summary('correct a balance, with a reason')
    .description(
      'Book an adjustment: an entry of its own, with the reason in it, once per reference.\nMore becomes a block; less is taken from the blocks in their order.',
    )
    .requiredOption('--amount <±n>', 'what to add or take, such as 5.00 or -5.00', toAmount)
    .requiredOption('--reason <text>', 'why; stands in the entry for ever', toReason)
    .option('--currency <code>', 'of several wallets, this one')
    .option('--reference <id>', 'the same reference again books nothing; default: a new one')
    .option('--dry-run', 'say what would be booked, and book nothing')
    .action((id: string, options: Adjustment) => adjustWallet(context, id, options));
  examples(
    adjust,
    "wallet adjust org_… --amount 12.50 --reason 'outage of May 16' --reference inc-2041",
    "wallet adjust org_… --amount -3 --reason 'granted twice' --dry-run",
  );
}
