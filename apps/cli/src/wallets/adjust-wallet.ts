import { randomBytes } from 'node:crypto';
import type { Micros } from '@orbit/money';
import type { Context } from '../cli/context.js';
import { OrbitCliError, UsageError } from '../cli/faults.js';
import { organizationPath } from '../cli/frame.js';
import { readWallets, type WalletRead, type WalletState } from './wallet-reads.js';

export interface Adjustment {
  readonly amount: string;
  readonly reason: string;
  readonly currency?: string;
  readonly reference?: string;
  readonly dryRun?: boolean;
}

interface Request {
  readonly amount: string;
  readonly currency: WalletRead['view']['currency'];
  readonly reason: string;
  readonly reference: string;
}

/** A signed decimal with at most six places; zero adjusts nothing. */
export function toAmount(text: string): string {
  const match = /^([+-]?)(\d{1,10}(?:\.\d{1,6})?)$/.exec(text);
  if (!match || !/[1-9]/.test(text)) {
    throw new UsageError(`--amount "${text}" is no amount such as 5.00 or -5.00.`);
  }
  return `${match[1] === '-' ? '-' : ''}${match[2]}`;
}

export function toReason(text: string): string {
  if (text.trim() === '') throw new UsageError('--reason is empty: say why.');
  return text.trim();
}

/** `orbit wallet adjust`: books an adjustment, or says what it would book. */
export async function adjustWallet(
  context: Context,
  organizationId: string,
  options: Adjustment,
): Promise<void> {
  const { amount, reason, currency, dryRun } = options;
  const { formatAmount, MICROS_MAX, parseAmount } = await import('@orbit/money');
  const parsed = parseAmount(amount);
  if (!parsed.ok) {
    throw new UsageError(
      `--amount "${amount}" is too large: at most ${formatAmount(MICROS_MAX, currency ?? 'USD')}.`,
    );
  }
  const reference = options.reference ?? `adj_${randomBytes(8).toString('hex')}`;
  const wallet = await onlyWallet(context, organizationId, currency);
  const unit = wallet.view.currency;
  const request = { amount, currency: unit, reason, reference };
  if (dryRun) return printForecast(context, request, wallet, parsed.amountMicros);
  await context.confirm(
    `Adjust ${organizationId} by ${amount} ${unit} (its balance is ${wallet.view.balance})?`,
  );
  const route = organizationPath(organizationId, '/adjustments');
  const booked = (await context.operator('POST', route, request)) as object;
  context.print({ reference, ...booked });
}

async function printForecast(
  context: Context,
  request: Request,
  wallet: WalletRead,
  amountMicros: bigint,
): Promise<void> {
  const client = await context.postgres();
  const { rows } = await client.query(
    'SELECT 1 FROM wallet_ledger.entry WHERE wallet_no = $1 AND reference = $2 LIMIT 1',
    [wallet.row.wallet_no, `adjustment:${request.reference}`],
  );
  const { formatAmount } = await import('@orbit/money');
  const outcome = foreseeAdjustment(wallet, amountMicros, rows.length > 0);
  context.print({
    dry_run: true,
    ...request,
    balance_before: wallet.view.balance,
    balance_after: formatAmount(outcome.balanceMicros as Micros, request.currency),
    outcome: outcome.name,
  });
  if (outcome.name !== 'insufficient_funds') return;
  context.finding();
  context.say('The wallet does not cover this amount: nothing would be booked.');
}

/** Predicts the ledger's decision now, as far as the books show it: open holds may still keep a part. */
export function foreseeAdjustment(
  wallet: Pick<WalletState, 'posted' | 'escrowed'> & {
    readonly row: Pick<WalletState['row'], 'overdraft_micros'>;
  },
  changeMicros: bigint,
  isBooked: boolean,
): { readonly name: string; readonly balanceMicros: bigint } {
  const { posted, escrowed, row } = wallet;
  if (isBooked) return { name: 'already_booked', balanceMicros: posted };
  const spendable = posted + BigInt(row.overdraft_micros) - escrowed;
  if (changeMicros < 0n && -changeMicros > spendable) {
    return { name: 'insufficient_funds', balanceMicros: posted };
  }
  return { name: 'booked', balanceMicros: posted + changeMicros };
}

async function onlyWallet(
  context: Context,
  organizationId: string,
  currency: string | undefined,
): Promise<WalletRead> {
  const wallets = await readWallets(await context.postgres(), organizationId, currency, 0);
  const [wallet] = wallets;
  if (!wallet) throw new OrbitCliError(`${organizationId} has no such wallet.`);
  if (wallets.length === 1) return wallet;
  const names = wallets.map(({ view }) => view.currency).join(', ');
  throw new UsageError(`${organizationId} has several wallets: say --currency (${names}).`);
}
