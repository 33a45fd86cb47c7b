/** A wallet in PostgreSQL and in Redis. The schema of the ledger is read, never written, from here. */
import type { Currency, Micros } from '@orbit/money';
import type { HotBalance } from '@orbit/spend';
import type pg from 'pg';
import type { Context } from '../cli/context.js';

/** Of `wallet_ledger.wallet`; 64-bit integers are text. */
export interface WalletRow {
  readonly wallet_no: string;
  readonly wallet_id: string;
  readonly organization_id: string;
  readonly currency: Currency;
  readonly balance_micros: string;
  readonly overdraft_micros: string;
  readonly paused_reason: string | null;
  readonly alert_level: number;
  readonly sequence: string;
  readonly version: string;
  readonly last_topped_up_at: Date | null;
}

interface BlockRow {
  readonly sequence: string;
  readonly kind: string;
  readonly priority: number;
  readonly amount_micros: string;
  readonly remaining_micros: string;
  readonly effective_at: Date;
  readonly expires_at: Date | null;
  readonly is_spendable: boolean;
}

interface EscrowRow {
  readonly escrow_id: string;
  readonly kind: string;
  readonly state: string;
  readonly granted_micros: string;
  readonly spent_micros: string;
  readonly holder: string | null;
  readonly reference: string | null;
  readonly expires_at: Date | null;
  readonly slices: readonly { readonly block: number | string | null; readonly amount: string }[];
}

interface EntryRow {
  readonly sequence: string;
  readonly type: number;
  readonly is_debit: boolean;
  readonly amount_micros: string;
  readonly balance_after_micros: string;
  readonly reference: string;
  readonly booked_at: Date;
  readonly metadata: { readonly reason?: string } | null;
}

/** The facts from which a wallet's spendable amount follows. */
export interface WalletState {
  readonly row: Pick<WalletRow, 'version' | 'overdraft_micros' | 'paused_reason' | 'currency'>;
  /** The balance without what has expired and is not booked yet. */
  readonly posted: bigint;
  readonly escrowed: bigint;
}

/** The hot balance in Redis; `hot` is null when it is missing, `error` says why Redis did not answer. */
export interface HotRead {
  readonly hot: HotBalance | null;
  readonly error: string | null;
}

type Amount = (micros: string | bigint) => string;

const WALLETS = `
  SELECT * FROM wallet_ledger.wallet
  WHERE organization_id = $1 AND ($2::text IS NULL OR lower(currency) = lower($2)) ORDER BY currency`;
const BLOCKS = `
  SELECT sequence, kind, priority, amount_micros, remaining_micros, effective_at, expires_at,
    effective_at <= now() AND (expires_at IS NULL OR expires_at > now()) AS is_spendable
  FROM wallet_ledger.credit_block WHERE wallet_no = $1 AND remaining_micros > 0
  ORDER BY priority, expires_at NULLS LAST, cost_basis_micros, created_at, sequence`;
const ESCROWS = `
  SELECT * FROM wallet_ledger.escrow WHERE wallet_no = $1 AND state <> 'closed' ORDER BY opened_at`;
const ENTRIES = `
  SELECT sequence, type, from_account = 1 AS is_debit, amount_micros, balance_after_micros, block_sequence,
    reference, booked_at, metadata
  FROM wallet_ledger.entry WHERE wallet_no = $1 AND 1 IN (from_account, to_account) ORDER BY sequence DESC LIMIT $2`;

const TYPES =
  'topup spend grant expiry adjustment refund reversal dispute fee extension amendment void reopen'.split(
    ' ',
  );
const iso = (date: Date | null): string | null => date?.toISOString() ?? null;
const sum = (items: readonly string[]): bigint =>
  items.reduce((total, micros) => total + BigInt(micros), 0n);

/** Every wallet of an organization, as one moment of the database shows it. */
export type WalletRead = Awaited<ReturnType<typeof readWallet>>;

export async function readWallets(
  client: pg.ClientBase,
  organizationId: string,
  currency: string | undefined,
  entryLimit: number,
): Promise<WalletRead[]> {
  const { formatAmount } = await import('@orbit/money');
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    const { rows } = await client.query<WalletRow>(WALLETS, [organizationId, currency ?? null]);
    const wallets: WalletRead[] = [];
    for (const row of rows) {
      const amount: Amount = (micros) => formatAmount(BigInt(micros) as Micros, row.currency);
      wallets.push(await readWallet(client, row, entryLimit, amount));
    }
    return wallets;
  } finally {
    await client.query('ROLLBACK');
  }
}

async function readWallet(
  client: pg.ClientBase,
  row: WalletRow,
  entryLimit: number,
  amount: Amount,
) {
  const { rows: blocks } = await client.query<BlockRow>(BLOCKS, [row.wallet_no]);
  const { rows: escrows } = await client.query<EscrowRow>(ESCROWS, [row.wallet_no]);
  const { rows: entries } = await client.query<EntryRow>(ENTRIES, [row.wallet_no, entryLimit]);
  const slices = escrows.flatMap((escrow) => escrow.slices);
  const escrowed = sum(slices.map((slice) => slice.amount));
  const pinned = (sequence: string): bigint =>
    sum(slices.filter(({ block }) => String(block) === String(sequence)).map((s) => s.amount));
  // What an escrow keeps of a block does not expire with it.
  const expired = blocks
    .filter(({ is_spendable: isSpendable }) => !isSpendable)
    .reduce((total, block) => total + BigInt(block.remaining_micros) - pinned(block.sequence), 0n);
  const posted = BigInt(row.balance_micros) - expired;
  return {
    row,
    rows: entries,
    posted,
    escrowed,
    view: {
      wallet_id: row.wallet_id,
      organization_id: row.organization_id,
      currency: row.currency,
      balance: amount(posted),
      escrowed: amount(escrowed),
      overdraft_limit: amount(row.overdraft_micros),
      paused_reason: row.paused_reason,
      alert_level: row.alert_level,
      sequence: row.sequence,
      version: row.version,
      last_topped_up_at: iso(row.last_topped_up_at),
      blocks: blocks.map((block) => toBlock(block, row.wallet_no, amount)),
      escrows: escrows.map((escrow) => toEscrow(escrow, amount)),
      entries: entries.map((entry) => toEntry(entry, row.wallet_no, amount)),
    },
  };
}

const idOf = (prefix: string, walletNo: string, sequence: string): string =>
  `${prefix}_${BigInt(walletNo).toString(36)}_${BigInt(sequence).toString(36)}`;

const toBlock = (block: BlockRow, walletNo: string, amount: Amount) => ({
  id: idOf('blk', walletNo, block.sequence),
  kind: block.kind,
  priority: block.priority,
  amount: amount(block.amount_micros),
  remaining: amount(block.remaining_micros),
  spendable: block.is_spendable,
  effective_at: iso(block.effective_at),
  expires_at: iso(block.expires_at),
});

const toEscrow = (escrow: EscrowRow, amount: Amount) => ({
  id: escrow.escrow_id,
  kind: escrow.kind,
  state: escrow.state,
  left: amount(sum(escrow.slices.map((slice) => slice.amount))),
  granted: amount(escrow.granted_micros),
  spent: amount(escrow.spent_micros),
  holder: escrow.holder,
  reference: escrow.reference,
  expires_at: iso(escrow.expires_at),
});

const toEntry = (entry: EntryRow, walletNo: string, amount: Amount) => ({
  id: idOf('ct', walletNo, entry.sequence),
  type: TYPES[entry.type - 1] ?? entry.type,
  amount: `${entry.is_debit ? '-' : ''}${amount(entry.amount_micros)}`,
  balance_after: amount(entry.balance_after_micros),
  reference: entry.reference,
  booked_at: iso(entry.booked_at),
  ...(entry.metadata?.reason ? { reason: entry.metadata.reason } : {}),
});

export async function readHotBalance(
  context: Context,
  row: Pick<WalletRow, 'organization_id' | 'currency'>,
): Promise<HotRead> {
  try {
    const { HotBalances } = await import('@orbit/spend');
    const redis = await context.redis();
    const hot = await new HotBalances({ redis }).read(row.organization_id, row.currency);
    return { hot, error: null };
  } catch (error) {
    return { hot: null, error: (error as Error).message };
  }
}

/**
 * The hot balance beside the ledger's, which was read after it: `agrees`, `missing` (loaded at the next use),
 * `behind` (a write is on its way), `lapsed` (a block began or expired since; loaded at the next use), `differs`,
 * `away`.
 */
export async function withHotBalance(
  { hot, error }: HotRead,
  { row, posted, escrowed }: WalletState,
): Promise<{ readonly state: string } & Readonly<Record<string, unknown>>> {
  if (error !== null) return { state: 'away', error };
  if (hot === null) return { state: 'missing' };
  const { formatAmount } = await import('@orbit/money');
  return {
    state: compare(hot, { row, posted, escrowed }, Date.now()),
    posted: formatAmount(hot.postedMicros, row.currency),
    held: formatAmount(hot.heldMicros, row.currency),
    available: formatAmount(hot.availableMicros, row.currency),
    escrowed: formatAmount(hot.escrowedMicros, row.currency),
    paused_reason: hot.pausedReason,
    version: hot.version,
  };
}

export function compare(
  hot: HotBalance,
  {
    row,
    posted,
    escrowed,
  }: Omit<WalletState, 'row'> & { readonly row: Omit<WalletState['row'], 'currency'> },
  nowMs: number,
): string {
  const version = BigInt(row.version);
  if (hot.version < version) return 'behind';
  if (hot.version > version) return 'differs';
  if (hot.validUntilMs !== null && hot.validUntilMs <= nowMs) return 'lapsed';
  const isSame =
    hot.postedMicros === posted &&
    hot.escrowedMicros === escrowed &&
    hot.overdraftMicros === BigInt(row.overdraft_micros) &&
    (hot.pausedReason ?? null) === row.paused_reason;
  return isSame ? 'agrees' : 'differs';
}
