import { OrbitError, unknownCursor, type BlockPage, type CreditBlockView } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { formatAmount, micros } from '@orbit/money';
import { blockStanding } from '../domain/blocks-state.js';
import { compareDrawDown, pinnedByBlock } from '../../books/domain/draw-down.js';
import { blockId, parseBlockId } from '../../books/domain/identifiers.js';
import { timesOf } from '../../books/domain/times.js';
import type { Block, Wallet } from '../../books/domain/wallet.js';
import type { BlockReader } from '../../books/application/shared-ports.js';
import type { WalletKey, WalletReader } from '../../books/application/ports.js';

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** Credit blocks as they stand at this instant. Reads only. */
export class ReadBlocks {
  constructor(
    private readonly wallets: WalletReader,
    private readonly blocks: BlockReader,
    private readonly clock: Clock,
  ) {}

  /** Those that have something left, in the order in which they are spent; first those that have begun. */
  async listOpen(key: WalletKey, limit: number): Promise<BlockPage> {
    const record = await this.wallets.find(key);
    if (!record) throw new OrbitError('not_found', 'There is no such wallet.');
    const { wallet } = record;
    const nowMs = timesOf(wallet, this.clock.nowMs()).accountMs;
    const pinned = pinnedByBlock(wallet.escrows);
    const open = [...wallet.blocks]
      .map((block) => ({ block, standing: standingOf(block, pinned, nowMs) }))
      .filter(({ standing }) => standing.state === 'active' || standing.state === 'scheduled')
      .sort((a, b) => byUse(a, b));
    const page = open.slice(0, limit);
    return {
      blocks: page.map(({ block }) => blockView(wallet, block, pinned, nowMs)),
      has_more: open.length > limit,
    };
  }

  /** All of them, newest first. */
  async listAll(key: WalletKey, limit: number, afterId?: string): Promise<BlockPage> {
    const after = afterId === undefined ? null : parseBlockId(afterId);
    if (afterId !== undefined && after === null) throw unknownCursor();
    const record = await this.wallets.find(key);
    if (!record) {
      throw new OrbitError('not_found', 'There is no such wallet.');
    }
    // The block that the page before ended with is read too: it proves that the cursor is one.
    const { wallet, blocks: rows } = await this.blocks.listAll(key, {
      limit: limit + (after === null ? 1 : 2),
      beforeSequence: after === null ? null : after.sequence + 1n,
    });
    const isKnown =
      after === null ||
      (wallet.walletNo === after.walletNo && rows[0]?.sequence === after.sequence);
    if (!isKnown) throw unknownCursor();
    const blocks = after === null ? rows : rows.slice(1);
    const nowMs = timesOf(record.wallet, this.clock.nowMs()).accountMs;
    const pinned = pinnedByBlock(wallet.escrows);
    const named = { ...wallet, currency: key.currency };
    return {
      blocks: blocks.slice(0, limit).map((block) => blockView(named, block, pinned, nowMs)),
      has_more: blocks.length > limit,
    };
  }
}

type Pinned = ReadonlyMap<bigint | null, bigint>;
type Standing = ReturnType<typeof blockStanding>;

const standingOf = (block: Block, pinned: Pinned, nowMs: number): Standing =>
  blockStanding(block, pinned.get(block.sequence) ?? 0n, nowMs);

function byUse(
  a: { block: Block; standing: Standing },
  b: { block: Block; standing: Standing },
): number {
  const rank = ({ state }: Standing): number => (state === 'active' ? 0 : 1);
  return rank(a.standing) - rank(b.standing) || compareDrawDown(a.block, b.block);
}

function blockView(
  { walletNo, currency }: Pick<Wallet, 'walletNo' | 'currency'>,
  block: Block,
  pinned: Pinned,
  nowMs: number,
): CreditBlockView {
  const { state, remainingMicros, heldMicros, expiredMicros } = standingOf(block, pinned, nowMs);
  return {
    id: blockId(walletNo, block.sequence),
    currency,
    state,
    kind: block.kind,
    priority: block.priority,
    cost_basis: formatAmount(micros(block.costBasisMicros), currency),
    amount: formatAmount(block.amountMicros, currency),
    remaining: formatAmount(remainingMicros, currency),
    held: formatAmount(heldMicros, currency),
    expired: formatAmount(expiredMicros, currency),
    effective_at: iso(block.effectiveAtMs),
    expires_at: isoOrNull(block.expiresAtMs),
    voided_at: isoOrNull(block.voidedAtMs),
    created_at: iso(block.createdAtMs),
  };
}
