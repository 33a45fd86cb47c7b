import { randomBytes } from 'node:crypto';
import { OrbitCliError, UsageError } from './faults.mjs';
import { examples } from './frame.mjs';
import { readHotBalance, readWallets, withHotBalance } from './wallet-reads.mjs';

const path = (id, rest = '') => `/organizations/${encodeURIComponent(id)}${rest}`;

/** `orbit wallet`: look at one wallet, stop it, start it, correct it. */
export function register(program, context) {
  const wallet = program.command('wallet').description('wallets');
  const show = wallet
    .command('show <organizationId>')
    .summary('what a wallet holds, and whether Redis agrees with the ledger')
    .description(
      'Balance, holds, escrows, blocks and last entries of a wallet, from PostgreSQL, and the hot\nbalance beside it, from Redis. Ends with 1 when the two disagree.',
    )
    .option('--currency <code>', 'of several wallets, this one')
    .option('--entries <n>', 'last entries shown', toCount, 10)
    .action((id, options) => showWallets(context, id, options));
  examples(show, 'wallet show org_…', 'wallet show org_… --currency USD --entries 50 --json');

  for (const verb of ['pause', 'resume']) {
    const command = wallet
      .command(`${verb} <organizationId>`)
      .description(
        verb === 'pause' ? 'refuse every further authorization' : 'take back a manual pause',
      )
      .action(async (id) =>
        context.print(await context.operator('POST', path(id, `/${verb}`), {})),
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
    .action((id, options) => adjustWallet(context, id, options));
  examples(
    adjust,
    "wallet adjust org_… --amount 12.50 --reason 'outage of May 16' --reference inc-2041",
    "wallet adjust org_… --amount -3 --reason 'granted twice' --dry-run",
  );
}

function toCount(text) {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`"${text}" is no count.`);
}

/** A signed decimal with at most six places; zero adjusts nothing. */
export function toAmount(text) {
  const match = /^([+-]?)(\d{1,10}(?:\.\d{1,6})?)$/.exec(text);
  if (!match || !/[1-9]/.test(text)) {
    throw new UsageError(`--amount "${text}" is no amount such as 5.00 or -5.00.`);
  }
  return `${match[1] === '-' ? '-' : ''}${match[2]}`;
}

function toReason(text) {
  if (text.trim() === '') throw new UsageError('--reason is empty: say why.');
  return text.trim();
}

async function showWallets(context, organizationId, { currency, entries }) {
  const client = await context.postgres();
  const known = await readWallets(client, organizationId, currency, 0);
  if (known.length === 0) {
    throw new OrbitCliError(`${organizationId} has no wallet${currency ? ` in ${currency}` : ''}.`);
  }
  for (const { row } of known) {
    // Redis first: it learns of a posting after the books, so whatever is posted meanwhile leaves it behind.
    const hot = await readHotBalance(context, row);
    const [wallet] = await readWallets(client, organizationId, row.currency, entries);
    const redis = await withHotBalance(hot, wallet);
    context.print({ ...wallet.view, redis });
    const older = olderEntries(wallet.rows);
    if (older > 0) context.say(`${older} older entries; raise --entries to see them.`);
    if (redis.state !== 'differs') continue;
    context.finding();
    context.say(`Redis and the ledger disagree about ${organizationId} ${wallet.view.currency}.`);
  }
}

/** Sequences have no gaps: what lies before the first shown is left off. */
const olderEntries = (rows) => (rows.length === 0 ? 0 : Number(rows.at(-1).sequence) - 1);

async function adjustWallet(context, organizationId, options) {
  const { amount, reason, currency, dryRun } = options;
  const { formatAmount, MICROS_MAX, parseAmount } = await import('@orbit/money');
  if (!parseAmount(amount).ok) {
    throw new UsageError(
      `--amount "${amount}" is too large: at most ${formatAmount(MICROS_MAX, currency ?? 'USD')}.`,
    );
  }
  const reference = options.reference ?? `adj_${randomBytes(8).toString('hex')}`;
  const wallet = await onlyWallet(context, organizationId, currency);
  const unit = wallet.view.currency;
  const request = { amount, currency: unit, reason, reference };
  if (dryRun) return tellAdjustment(context, request, wallet);
  await context.confirm(
    `Adjust ${organizationId} by ${amount} ${unit} (its balance is ${wallet.view.balance})?`,
  );
  const booked = await context.operator('POST', path(organizationId, '/adjustments'), request);
  context.print({ reference, ...booked });
}

async function tellAdjustment(context, request, wallet) {
  const client = await context.postgres();
  const { rows } = await client.query(
    'SELECT 1 FROM wallet_ledger.entry WHERE wallet_no = $1 AND reference = $2 LIMIT 1',
    [wallet.row.wallet_no, `adjustment:${request.reference}`],
  );
  const { formatAmount, parseAmount } = await import('@orbit/money');
  const { amountMicros } = parseAmount(request.amount);
  const outcome = foreseeAdjustment(wallet, amountMicros, rows.length > 0);
  context.print({
    dry_run: true,
    ...request,
    balance_before: wallet.view.balance,
    balance_after: formatAmount(outcome.balanceMicros, request.currency),
    outcome: outcome.name,
  });
  if (outcome.name !== 'insufficient_funds') return;
  context.finding();
  context.say('The wallet does not cover this amount: nothing would be booked.');
}

/** What the ledger would make of it now, as far as the books tell: open holds may still keep a part. */
export function foreseeAdjustment({ posted, escrowed, row }, changeMicros, isBooked) {
  if (isBooked) return { name: 'already_booked', balanceMicros: posted };
  const spendable = posted + BigInt(row.overdraft_micros) - escrowed;
  if (changeMicros < 0n && -changeMicros > spendable) {
    return { name: 'insufficient_funds', balanceMicros: posted };
  }
  return { name: 'booked', balanceMicros: posted + changeMicros };
}

async function onlyWallet(context, organizationId, currency) {
  const wallets = await readWallets(await context.postgres(), organizationId, currency, 0);
  const [wallet] = wallets;
  if (!wallet) throw new OrbitCliError(`${organizationId} has no such wallet.`);
  if (wallets.length === 1) return wallet;
  const names = wallets.map(({ view }) => view.currency).join(', ');
  throw new UsageError(`${organizationId} has several wallets: say --currency (${names}).`);
}
