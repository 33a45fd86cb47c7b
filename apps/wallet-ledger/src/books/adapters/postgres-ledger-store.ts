import { invariant } from '@orbit/kernel';
import { decimal } from '@orbit/pricing';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import {
  outcomeKey,
  walletKey,
  WriteConflict,
  type KnownOutcome,
  type LedgerStore,
  type LedgerTransaction,
  type LedgerWrite,
  type OutcomeKey,
  type WalletKey,
} from '../application/ports.js';
import type { Block, Entry, Escrow, LeaseFunding, Wallet } from '../domain/wallet.js';
import {
  blockFromRow,
  entryFromRow,
  escrowFromRow,
  fundingFromRow,
  rejectionFromRow,
  walletFromRow,
  type BlockRow,
  type EntryRow,
  type EscrowRow,
  type FundingRow,
  type RejectionRow,
  type WalletRow,
} from './ledger-store.mapping.js';
import type { PriceRemainder } from '../domain/price-remainder.js';
import * as sql from './ledger-store.sql.js';
import { fitsOneStatement } from './ledger-store.post.js';
import { saveLedger } from './ledger-store.save.js';

const CHARGE_PREFIX = 'charge:';
/** PostgreSQL's codes for a unique key that is taken and for two writers that waited for each other. */
const UNIQUE_VIOLATION = '23505';
const DEADLOCK_DETECTED = '40P01';
/** Ours: raised by wallet_ledger.check_fence. */
const FENCE_PASSED = 'OB001';

/** The posting path: plain SQL through `pg`, every array one parameter. */
export class PostgresLedgerStore implements LedgerStore {
  constructor(private readonly pool: Pool) {}

  async inTransaction<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    const tx = new PostgresLedgerTransaction(client);
    let failure: Error | undefined;
    try {
      const result = await work(tx);
      await tx.commit();
      return result;
    } catch (error) {
      const conflict = conflictOf(error);
      // A conflict leaves the connection in order; after anything else it is not used again, and its end rolls back.
      failure = conflict ? await failureOf(tx.rollBack()) : (error as Error);
      throw conflict ?? error;
    } finally {
      client.release(failure);
    }
  }

  async dropPublished(eventIds: readonly string[]): Promise<void> {
    await this.pool.query(sql.DELETE_OUTBOX, [eventIds]);
  }
}

const failureOf = (work: Promise<unknown>): Promise<Error | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => error as Error,
  );

/** The conflict with other writers that a failed write reports; null for another fault. */
function conflictOf(error: unknown): WriteConflict | null {
  if (error instanceof WriteConflict) return error;
  const code = (error as { code?: unknown } | null)?.code;
  if (code === UNIQUE_VIOLATION) return new WriteConflict('duplicate');
  return code === DEADLOCK_DETECTED || code === FENCE_PASSED ? new WriteConflict('fence') : null;
}

/**
 * Begins with the first read. What is to be written waits for the commit: a batch that read nothing, because every
 * wallet was in memory, and is small goes as one statement, without BEGIN and COMMIT around it.
 */
class PostgresLedgerTransaction implements LedgerTransaction {
  private hasBegun = false;
  private write: LedgerWrite | null = null;

  constructor(private readonly client: PoolClient) {}

  async commit(): Promise<void> {
    const { write } = this;
    if (write !== null) {
      if (!fitsOneStatement(write)) await this.begin();
      await saveLedger(this.client, write);
    }
    if (this.hasBegun) await this.client.query('COMMIT');
  }

  async rollBack(): Promise<void> {
    if (this.hasBegun) await this.client.query('ROLLBACK');
  }

  async lockWallets(keys: readonly WalletKey[]): Promise<Map<string, Wallet>> {
    const wallets = await this.read<WalletRow>(sql.LOCK_WALLETS, [
      keys.map((key) => key.organizationId),
      keys.map((key) => key.currency),
    ]);
    const numbers = wallets.map((row) => row.wallet_no);
    const blocks = await this.read<BlockRow>(sql.READ_BLOCKS, [numbers]);
    const escrows = await this.read<EscrowRow>(sql.READ_ESCROWS, [numbers]);
    const blocksOf = new Map<string, Block[]>(numbers.map((no) => [no, []]));
    for (const row of blocks) blocksOf.get(row.wallet_no)?.push(blockFromRow(row));
    const escrowsOf = new Map<string, Escrow[]>(numbers.map((no) => [no, []]));
    for (const row of escrows) escrowsOf.get(row.wallet_no)?.push(escrowFromRow(row));
    return new Map(
      wallets.map((row) => {
        const { wallet_no: no } = row;
        const wallet = walletFromRow(row, blocksOf.get(no) ?? [], escrowsOf.get(no) ?? []);
        return [walletKey(wallet), wallet];
      }),
    );
  }

  async readOutcomes(keys: readonly OutcomeKey[]): Promise<Map<string, KnownOutcome>> {
    const outcomes = new Map<string, KnownOutcome>();
    if (keys.length === 0) return outcomes;
    const numbers = keys.map(({ walletNo }) => walletNo);
    const references = keys.map(({ reference }) => reference);
    const entries = await this.read<EntryRow>(sql.READ_ENTRIES, [numbers, references]);
    const rejections = await this.read<RejectionRow>(sql.READ_REJECTIONS, [
      numbers,
      references.map((reference) => reference.replace(CHARGE_PREFIX, '')),
    ]);
    for (const row of entries) {
      const key = outcomeKey({ walletNo: BigInt(row.wallet_no), reference: row.reference });
      const before = outcomes.get(key);
      const earlier = before?.status === 'booked' ? before.entries : [];
      outcomes.set(key, { status: 'booked', entries: [...earlier, entryFromRow(row)] });
    }
    for (const row of rejections) {
      const reference = `${CHARGE_PREFIX}${row.charge_id}`;
      const key = outcomeKey({ walletNo: BigInt(row.wallet_no), reference });
      outcomes.set(key, { status: 'rejected', rejection: rejectionFromRow(row) });
    }
    return outcomes;
  }

  async readBlocks(
    keys: readonly { readonly walletNo: bigint; readonly sequence: bigint }[],
  ): Promise<{ walletNo: bigint; block: Block }[]> {
    const rows = await this.read<BlockRow>(sql.READ_BLOCKS_BY_NUMBER, [
      keys.map(({ walletNo }) => walletNo),
      keys.map(({ sequence }) => sequence),
    ]);
    return rows.map((row) => ({ walletNo: BigInt(row.wallet_no), block: blockFromRow(row) }));
  }

  async readEscrows(
    keys: readonly { readonly walletNo: bigint; readonly idOrReference: string }[],
  ): Promise<Escrow[]> {
    const rows = await this.read<EscrowRow>(sql.READ_ESCROWS_BY_NAME, [
      keys.map(({ walletNo }) => walletNo),
      keys.map(({ idOrReference }) => idOrReference),
    ]);
    return rows.map(escrowFromRow);
  }

  async readPaymentEscrows(keys: readonly OutcomeKey[]): Promise<Escrow[]> {
    const rows = await this.read<EscrowRow>(sql.READ_PAYMENT_ESCROWS, [
      keys.map(({ walletNo }) => walletNo),
      keys.map(({ reference }) => reference),
    ]);
    return rows.map(escrowFromRow);
  }

  async readTaken(
    keys: readonly { readonly walletNo: bigint; readonly sequence: bigint }[],
  ): Promise<Entry[]> {
    const rows = await this.read<EntryRow>(sql.READ_TAKEN, [
      keys.map(({ walletNo }) => walletNo),
      keys.map(({ sequence }) => sequence),
    ]);
    return rows.map(entryFromRow);
  }

  async readFundings(keys: readonly OutcomeKey[]): Promise<LeaseFunding[]> {
    const rows = await this.read<FundingRow>(sql.READ_GRANTS, [
      keys.map(({ walletNo }) => walletNo),
      keys.map(({ reference }) => reference),
    ]);
    return rows.map(fundingFromRow);
  }

  async readRemainders(
    keys: readonly Pick<PriceRemainder, 'walletNo' | 'price'>[],
  ): Promise<PriceRemainder[]> {
    const rows = await this.read<{ wallet_no: string; price: string; fraction: string }>(
      sql.READ_REMAINDERS,
      [keys.map(({ walletNo }) => walletNo), keys.map(({ price }) => price)],
    );
    return rows.map((row) => ({
      ...{ walletNo: BigInt(row.wallet_no), price: row.price, fraction: decimal(row.fraction) },
    }));
  }

  save(write: LedgerWrite): Promise<void> {
    invariant(this.write === null, 'a transaction is written once');
    this.write = write;
    return Promise.resolve();
  }

  private async begin(): Promise<void> {
    if (this.hasBegun) return;
    this.hasBegun = true;
    await this.client.query('BEGIN');
  }

  private async read<T extends QueryResultRow>(text: string, values: unknown[]): Promise<T[]> {
    await this.begin();
    const { rows } = await this.client.query<T>(text, values);
    return rows;
  }
}
