import { OrbitError } from '@orbit/contracts';
import type { Pool, PoolClient } from 'pg';
import {
  referenceKey,
  walletKey,
  type KnownOutcome,
  type LedgerStore,
  type LedgerTransaction,
  type LedgerWrite,
  type ReferenceKey,
  type WalletKey,
} from '../application/ports.js';
import { ACCOUNTS, ENTRY_TYPES, type Block, type Entry, type Wallet } from '../domain/wallet.js';
import {
  blockFromRow,
  entryFromRow,
  rejectionFromRow,
  walletFromRow,
  type BlockRow,
  type EntryRow,
  type RejectionRow,
  type WalletRow,
} from './ledger-store.mapping.js';
import * as sql from './ledger-store.sql.js';

const CHARGE_PREFIX = 'charge:';
const instant = (ms: number): Date => new Date(ms);
const instantOrNull = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** The posting path: plain SQL through `pg`, every array one parameter. */
export class PostgresLedgerStore implements LedgerStore {
  constructor(private readonly pool: Pool) {}

  async inTransaction<T>(work: (tx: LedgerTransaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    let failure: Error | undefined;
    try {
      await client.query('BEGIN');
      const result = await work(new PostgresLedgerTransaction(client));
      await client.query('COMMIT');
      return result;
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      // A broken connection rolls back by itself; then ROLLBACK fails too, and the first error is the one to tell.
      await client.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      client.release(failure);
    }
  }
}

class PostgresLedgerTransaction implements LedgerTransaction {
  private readonly walletNos = new Map<string, bigint>();

  constructor(private readonly client: PoolClient) {}

  async lockWallets(keys: readonly WalletKey[]): Promise<Map<string, Wallet>> {
    const wallets = await this.client.query<WalletRow>(sql.LOCK_WALLETS, [
      keys.map((key) => key.organizationId),
      keys.map((key) => key.currency),
    ]);
    const numbers = wallets.rows.map((row) => row.wallet_no);
    const blocks = await this.client.query<BlockRow>(sql.READ_BLOCKS, [numbers]);
    const blocksOf = new Map<string, Block[]>(numbers.map((no) => [no, []]));
    for (const row of blocks.rows) blocksOf.get(row.wallet_no)?.push(blockFromRow(row));
    const found = new Map<string, Wallet>();
    for (const row of wallets.rows) {
      const wallet = walletFromRow(row, blocksOf.get(row.wallet_no) ?? []);
      found.set(walletKey(wallet), wallet);
      this.walletNos.set(walletKey(wallet), wallet.walletNo);
    }
    return found;
  }

  async readOutcomes(keys: readonly ReferenceKey[]): Promise<Map<string, KnownOutcome>> {
    // A batch may name a reference twice; the join would answer its entries twice.
    const distinct = new Map(keys.map((key) => [referenceKey(key), key]));
    const known = [...distinct.values()].flatMap((key) => {
      const walletNo = this.walletNos.get(walletKey(key));
      return walletNo === undefined ? [] : [{ walletNo, key }];
    });
    const numbers = known.map(({ walletNo }) => walletNo);
    const references = known.map(({ key }) => key.reference);
    const entries = await this.client.query<EntryRow>(sql.READ_ENTRIES, [numbers, references]);
    const rejections = await this.client.query<RejectionRow>(sql.READ_REJECTIONS, [
      numbers,
      references.map((reference) => reference.replace(CHARGE_PREFIX, '')),
    ]);
    const byNumber = new Map<string, KnownOutcome>();
    for (const row of entries.rows) {
      const key = `${row.wallet_no} ${row.reference}`;
      const before = byNumber.get(key);
      const earlier = before?.status === 'booked' ? before.entries : [];
      byNumber.set(key, { status: 'booked', entries: [...earlier, entryFromRow(row)] });
    }
    for (const row of rejections.rows) {
      const key = `${row.wallet_no} ${CHARGE_PREFIX}${row.charge_id}`;
      byNumber.set(key, { status: 'rejected', rejection: rejectionFromRow(row) });
    }
    const outcomes = new Map<string, KnownOutcome>();
    for (const { walletNo, key } of known) {
      const outcome = byNumber.get(`${walletNo} ${key.reference}`);
      if (outcome) outcomes.set(referenceKey(key), outcome);
    }
    return outcomes;
  }

  async save({ wallets, blocks, entries, rejections }: LedgerWrite): Promise<void> {
    if (wallets.length > 0) await this.updateWallets(wallets);
    if (blocks.length > 0) await this.saveBlocks(blocks);
    if (entries.length > 0) await this.insertEntries(entries);
    if (rejections.length > 0) {
      await this.client.query(sql.INSERT_REJECTIONS, [
        rejections.map((r) => r.walletNo),
        rejections.map((r) => r.chargeId),
        rejections.map((r) => r.reason),
        rejections.map((r) => r.amountMicros),
        rejections.map((r) => r.channel),
        rejections.map((r) => instant(r.rejectedAtMs)),
      ]);
    }
  }

  private async updateWallets(wallets: readonly Wallet[]): Promise<void> {
    const { rowCount } = await this.client.query(sql.UPDATE_WALLETS, [
      wallets.map((w) => w.walletNo),
      wallets.map((w) => w.balanceMicros),
      wallets.map((w) => w.sequence),
      wallets.map((w) => w.version),
      wallets.map((w) => w.alertLevel),
      wallets.map((w) => w.pausedReason),
      wallets.map((w) => instantOrNull(w.lastToppedUpAtMs)),
    ]);
    if (rowCount !== wallets.length) {
      throw new OrbitError(
        'unavailable',
        'Another writer owns one of these wallets by now; the batch is read again.',
      );
    }
  }

  private async saveBlocks(blocks: LedgerWrite['blocks']): Promise<void> {
    await this.client.query(sql.SAVE_BLOCKS, [
      blocks.map(({ walletNo }) => walletNo),
      blocks.map(({ block }) => block.sequence),
      blocks.map(({ block }) => block.kind),
      blocks.map(({ block }) => block.priority),
      blocks.map(({ block }) => block.costBasisMicros),
      blocks.map(({ block }) => block.amountMicros),
      blocks.map(({ block }) => block.remainingMicros),
      blocks.map(({ block }) => instant(block.effectiveAtMs)),
      blocks.map(({ block }) => instantOrNull(block.expiresAtMs)),
      blocks.map(({ block }) => instant(block.createdAtMs)),
    ]);
  }

  private async insertEntries(entries: readonly Entry[]): Promise<void> {
    await this.client.query(sql.INSERT_ENTRIES, [
      entries.map((e) => e.walletNo),
      entries.map((e) => e.sequence),
      entries.map((e) => ENTRY_TYPES[e.type]),
      entries.map((e) => ACCOUNTS[e.from]),
      entries.map((e) => ACCOUNTS[e.to]),
      entries.map((e) => e.slice),
      entries.map((e) => e.notices),
      entries.map((e) => e.amountMicros),
      entries.map((e) => e.balanceAfterMicros),
      entries.map((e) => e.blockSequence),
      entries.map((e) => e.quantity),
      entries.map((e) => instant(e.occurredAtMs)),
      entries.map((e) => instant(e.bookedAtMs)),
      entries.map((e) => e.reference),
      entries.map((e) => e.channel),
      entries.map((e) => (e.metadata === null ? null : JSON.stringify(e.metadata))),
    ]);
  }
}
