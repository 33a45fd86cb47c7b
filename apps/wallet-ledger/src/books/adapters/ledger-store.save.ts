import type { PoolClient } from 'pg';
import {
  WriteConflict,
  type KeptEvent,
  type LedgerWrite,
  type Rejection,
} from '../application/ports.js';
import type { Escrow, LeaseFunding, Wallet } from '../domain/wallet.js';
import type { PriceRemainder } from '../domain/price-remainder.js';
import type { ChangedBlock } from '../domain/wallet-draft.js';
import { copyEntries } from './entry-copy.js';
import { rejectionColumns, remainderColumns, walletColumns } from './ledger-store.columns.js';
import { fitsOneStatement, postInOneStatement } from './ledger-store.post.js';
import * as sql from './ledger-store.sql.js';

const instant = (ms: number): Date => new Date(ms);
const instantOrNull = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

/** Writes a batch: one statement when it is small, a constant number whatever its size when it is not. */
export async function saveLedger(client: PoolClient, write: LedgerWrite): Promise<void> {
  if (fitsOneStatement(write)) return postInOneStatement(client, write);
  const { wallets, policies, blocks, escrows, grants, entries, rejections, outbox } = write;
  if (wallets.length > 0) await updateWallets(client, wallets);
  if (policies.length > 0) await updatePolicies(client, policies);
  const remainders = blocks.filter(({ isRemainderOnly }) => isRemainderOnly);
  if (remainders.length > 0) await updateRemainders(client, remainders);
  if (remainders.length < blocks.length) {
    await saveBlocks(
      client,
      blocks.filter(({ isRemainderOnly }) => !isRemainderOnly),
    );
  }
  if (escrows.length > 0) await saveEscrows(client, escrows);
  if (grants.length > 0) await insertFundings(client, grants);
  if (entries.length > 0) await copyEntries(client, entries);
  if (rejections.length > 0) await insertRejections(client, rejections);
  if (write.remainders?.length) await saveRemainders(client, write.remainders);
  for (const rows of write.beside ?? []) {
    await rows.write({ query: (text, values) => client.query(text, [...values]) });
  }
  if (outbox.length > 0) await insertOutbox(client, outbox);
}

async function saveRemainders(
  client: PoolClient,
  remainders: readonly PriceRemainder[],
): Promise<void> {
  await client.query(sql.SAVE_REMAINDERS, [
    remainders.map(({ walletNo }) => walletNo),
    remainders.map(({ price }) => price),
    remainders.map(({ fraction }) => fraction.toString()),
  ]);
}

async function updateWallets(client: PoolClient, wallets: readonly Wallet[]): Promise<void> {
  const { rowCount } = await client.query({
    name: 'update_wallets',
    text: sql.UPDATE_WALLETS,
    values: walletColumns(wallets),
  });
  if (rowCount !== wallets.length) throw new WriteConflict('fence');
}

async function updatePolicies(client: PoolClient, wallets: readonly Wallet[]): Promise<void> {
  await client.query(sql.UPDATE_POLICIES, [
    wallets.map((w) => w.walletNo),
    wallets.map((w) => instantOrNull(w.lastToppedUpAtMs)),
    wallets.map((w) => w.overdraftMicros),
    wallets.map((w) => w.lowBalanceMicros),
    wallets.map((w) => w.lateUsageGraceMs),
    wallets.map((w) => w.allowsLateCapture),
    wallets.map((w) => w.outagePolicy),
    wallets.map((w) => w.outageBudgetMicros),
  ]);
}

async function updateRemainders(
  client: PoolClient,
  blocks: readonly ChangedBlock[],
): Promise<void> {
  await client.query({
    name: 'update_remainders',
    text: sql.UPDATE_REMAINDERS,
    values: remainderColumns(blocks),
  });
}

async function saveBlocks(client: PoolClient, blocks: readonly ChangedBlock[]): Promise<void> {
  await client.query(sql.SAVE_BLOCKS, [
    blocks.map(({ walletNo }) => walletNo),
    blocks.map(({ block }) => block.sequence),
    blocks.map(({ block }) => block.kind),
    blocks.map(({ block }) => block.priority),
    blocks.map(({ block }) => block.costBasisMicros),
    blocks.map(({ block }) => block.amountMicros),
    blocks.map(({ block }) => block.remainingMicros),
    blocks.map(({ block }) => block.expiredMicros),
    blocks.map(({ block }) => instant(block.effectiveAtMs)),
    blocks.map(({ block }) => instantOrNull(block.expiresAtMs)),
    blocks.map(({ block }) => instant(block.createdAtMs)),
    blocks.map(({ block }) => block.repaidMicros),
    blocks.map(({ block }) => instantOrNull(block.voidedAtMs)),
  ]);
}

async function saveEscrows(client: PoolClient, escrows: readonly Escrow[]): Promise<void> {
  await client.query(sql.SAVE_ESCROWS, [
    escrows.map((e) => e.walletNo),
    escrows.map((e) => e.escrowId),
    escrows.map((e) => e.kind),
    escrows.map((e) => e.state),
    escrows.map((e) => e.reference),
    escrows.map((e) => e.holder),
    escrows.map((e) => e.grantedMicros),
    escrows.map((e) => e.spentMicros),
    escrows.map((e) => slicesJson(e)),
    escrows.map((e) => instant(e.openedAtMs)),
    escrows.map((e) => instantOrNull(e.expiresAtMs)),
    escrows.map((e) => instantOrNull(e.closedAtMs)),
  ]);
}

/** Numbers as text: JSON readers would round what passes 2^53. */
const slicesJson = ({ slices }: Escrow): string =>
  JSON.stringify(
    slices.map(({ blockSequence, amountMicros }) => ({
      block: blockSequence === null ? null : String(blockSequence),
      amount: String(amountMicros),
    })),
  );

async function insertFundings(client: PoolClient, grants: readonly LeaseFunding[]): Promise<void> {
  await client.query(sql.INSERT_GRANTS, [
    grants.map((g) => g.walletNo),
    grants.map((g) => g.reference),
    grants.map((g) => g.escrowId),
    grants.map((g) => g.amountMicros),
    grants.map((g) => g.ttlMs),
    grants.map((g) => instant(g.grantedAtMs)),
  ]);
}

async function insertOutbox(client: PoolClient, events: readonly KeptEvent[]): Promise<void> {
  await client.query(sql.INSERT_OUTBOX, [
    events.map((e) => e.id),
    events.map((e) => e.topic),
    events.map((e) => e.key),
    events.map((e) => JSON.stringify(e.value)),
    events.map((e) => instant(e.atMs)),
  ]);
}

async function insertRejections(
  client: PoolClient,
  rejections: readonly Rejection[],
): Promise<void> {
  await client.query(sql.INSERT_REJECTIONS, rejectionColumns(rejections));
}
