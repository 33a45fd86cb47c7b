import { invariant } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Micros } from '@orbit/money';
import { HOLD_MEMORY_MS } from '../../books/domain/block.js';
import {
  compareDrawDown,
  drawDown,
  pinnedByBlock,
  type Slice,
} from '../../books/domain/draw-down.js';
import { chargeReference } from '../../books/domain/identifiers.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, Charge, Wallet } from '../../books/domain/wallet.js';

/*
 * Credit that has expired still pays for what occurred while it lived: usage without a hold when it arrives
 * within the wallet's grace, usage under a hold always, because a hold pins what it holds. Expired credit pays first,
 * in draw-down order: it can pay nothing else, and living credit can wait. The part that was booked as breakage comes
 * back by a `reopen` entry before it is spent, under the charge's own reference.
 *
 * The hot balance does not know expired credit, so a charge without a hold asks Redis for room only for what
 * expired credit does not pay (`ExpiredCredit`).
 */

type LateCharge = Pick<Charge, 'occurredAtMs' | 'isAuthorized'>;

/** Expired, but alive when the charge occurred, and the charge is not too late for it. */
function paysLate(block: Block, charge: LateCharge, graceMs: number, nowMs: number): boolean {
  const { expiresAtMs, effectiveAtMs, voidedAtMs } = block;
  if (expiresAtMs === null || expiresAtMs > nowMs || voidedAtMs !== null) return false;
  if (charge.occurredAtMs < effectiveAtMs || charge.occurredAtMs >= expiresAtMs) return false;
  const reachMs = charge.isAuthorized ? Math.max(graceMs, HOLD_MEMORY_MS) : graceMs;
  return nowMs - expiresAtMs <= reachMs;
}

/** The part of a charge that expired credit pays, and the rest, which the living blocks and the overdraft pay. */
export interface LatePlan {
  readonly expired: readonly Slice[];
  readonly restMicros: Micros;
}

/** Null when no expired credit pays, which is nearly always. */
export function planLate(draft: WalletDraft, charge: Charge, nowMs: number): LatePlan | null {
  const { lateUsageGraceMs } = draft.settings;
  let pinned: ReadonlyMap<bigint | null, bigint> | null = null;
  const expired: Slice[] = [];
  let rest: bigint = charge.amountMicros;
  for (const block of draft.blocks) {
    if (!paysLate(block, charge, lateUsageGraceMs, nowMs)) continue;
    pinned ??= draft.pinned;
    const free = freeOf(block, pinned) + block.expiredMicros;
    const amountMicros = micros(free < rest ? free : rest);
    if (amountMicros <= 0n) continue;
    expired.push({ blockSequence: block.sequence, amountMicros });
    rest -= amountMicros;
  }
  if (expired.length === 0) return null;
  return { expired, restMicros: micros(rest) };
}

/** All slices of the charge: expired credit first, then the living blocks and the overdraft. */
export function slicesOf(draft: WalletDraft, plan: LatePlan, nowMs: number): readonly Slice[] {
  const pinned = draft.escrows.length === 0 ? undefined : draft.pinned;
  return [...plan.expired, ...drawDown(draft.blocks, plan.restMicros, nowMs, pinned)];
}

/**
 * Takes back from breakage what the expired slices need of it. The lines come before those that spend it, so
 * that breakage is counted once: what came back and was spent is revenue, not both.
 */
export function reopenLines(draft: WalletDraft, charge: Charge, plan: LatePlan): Line[] {
  const { pinned } = draft;
  const lines: Line[] = [];
  for (const { blockSequence, amountMicros } of plan.expired) {
    const block = blockSequence === null ? undefined : draft.findBlock(blockSequence);
    invariant(block, 'expired credit is a block');
    const booked = amountMicros - freeOf(block, pinned);
    if (booked <= 0n) continue;
    draft.replaceBlock({ ...block, expiredMicros: micros(block.expiredMicros - booked) });
    lines.push({
      type: 'reopen',
      from: 'breakage',
      to: 'wallet',
      amountMicros: micros(booked),
      blockSequence,
      reference: chargeReference(charge.chargeId),
      slice: lines.length,
      channel: null,
      quantity: null,
      metadata: null,
      occurredAtMs: charge.occurredAtMs,
    });
  }
  return lines;
}

/** The rest of a block that nobody has set aside. */
const freeOf = (block: Block, pinned: ReadonlyMap<bigint | null, bigint>): bigint =>
  block.remainingMicros - (pinned.get(block.sequence) ?? 0n);

/**
 * The expired credit of a wallet, as it pays charges without a hold one after the other, before the batch is decided:
 * only the rest asks for room among the holds.
 */
export class ExpiredCredit {
  private readonly free: Map<bigint, bigint>;

  private constructor(
    private readonly wallet: Wallet,
    private readonly blocks: readonly Block[],
    private readonly nowMs: number,
  ) {
    const pinned = pinnedByBlock(wallet.escrows);
    this.free = new Map(
      blocks.map((block) => [block.sequence, freeOf(block, pinned) + block.expiredMicros]),
    );
  }

  /** Null when nothing of the wallet has expired lately. */
  static of(wallet: Wallet, nowMs: number): ExpiredCredit | null {
    const blocks = wallet.blocks.filter(
      ({ expiresAtMs, voidedAtMs }) =>
        voidedAtMs === null && expiresAtMs !== null && expiresAtMs <= nowMs,
    );
    if (blocks.length === 0) return null;
    return new ExpiredCredit(wallet, blocks.sort(compareDrawDown), nowMs);
  }

  /** Pays its part of this charge; later charges find it gone. */
  take(charge: Charge): Micros {
    let rest: bigint = charge.amountMicros;
    for (const block of this.blocks) {
      if (!paysLate(block, charge, this.wallet.lateUsageGraceMs, this.nowMs)) continue;
      const free = this.free.get(block.sequence) ?? 0n;
      const taken = free < rest ? free : rest;
      if (taken <= 0n) continue;
      this.free.set(block.sequence, free - taken);
      rest -= taken;
    }
    return rest === charge.amountMicros ? ZERO_MICROS : micros(charge.amountMicros - rest);
  }
}
