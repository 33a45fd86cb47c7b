import { newId, type Clock } from '@orbit/kernel';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { ChangeCommand, ChangeContext } from '../../books/application/commands.js';
import { CommandFault, type BesideWrite, type WalletKey } from '../../books/application/ports.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';
import type { ChangeOutcome } from '../../books/domain/wallet.js';
import type { DrawPart } from '../domain/draw-document.js';
import {
  isCurrent,
  pinPending,
  releasePending,
  usageEscrowOf,
  withAccrual,
  type Accrual,
  type PendingUsage,
} from '../domain/pending-draws.js';
import type { Accruals, CreditBlocks } from './credit-ports.js';

/** Every try reads the accruals anew; so many other writers in a row are a busy wallet. */
const TRIES_MAX = 8;

/** A change of a wallet's credit, decided as if nothing were set aside for usage. */
export interface CreditChange {
  readonly command: ChangeCommand;
  /** The change of the accruals with it; absent: only the blocks that they draw on change. */
  readonly accrual?: (before: PendingUsage) => Accrual | null;
}

/** Usage that is on no invoice yet, as draws on a wallet's blocks that are not booked. Errors: the database's own. */
export class KeepPending {
  /** The change of each wallet that was begun last. */
  private readonly last = new Map<bigint, Promise<unknown>>();

  constructor(
    private readonly changeWallet: Pick<ChangeWallet, 'change'>,
    private readonly blocks: Pick<CreditBlocks, 'listNumbers'>,
    private readonly accruals: Accruals,
    private readonly clock: Clock,
  ) {}

  /** Stores a subscription's usage, reported absolutely; older reports and repeats change nothing. */
  async report(
    key: WalletKey,
    accrued: {
      readonly subscriptionId: string;
      readonly version: bigint;
      readonly parts: readonly DrawPart[];
    },
  ): Promise<void> {
    // Nothing is swept before: what expires at this very instant is kept for the days that it pays.
    const walletNo = await this.accruals.walletNoOf(key);
    if (walletNo === null) return;
    const isOlder = ({ accruals }: PendingUsage): boolean =>
      accruals.some(
        (one) => one.subscriptionId === accrued.subscriptionId && one.version >= accrued.version,
      );
    if (isOlder(await this.accruals.read(walletNo))) return;
    try {
      await this.change(walletNo, {
        command: {
          ...{ kind: 'change', key, reference: null, reads: {} },
          apply: () => ({ status: 'changed', entries: [] }),
        },
        accrual: (before) => (isOlder(before) ? null : accrued),
      });
    } catch (error) {
      if (!(error instanceof CommandFault)) throw error;
    }
  }

  /**
   * Decides a change of credit without what is set aside for usage, and sets that aside anew of what
   * is left then, in the same transaction. Errors: those of the change; OrbitError `conflict` when others change the wallet all the time.
   */
  async change(
    walletNo: bigint,
    change: CreditChange,
    claimId = `usage ${newId('req', this.clock.nowMs())}`,
  ): ReturnType<ChangeWallet['change']> {
    // One after the other: several at once would only find each other's work and begin anew.
    const before = this.last.get(walletNo);
    const own = (async () => {
      await before?.catch(() => undefined);
      return this.decide(walletNo, change, claimId);
    })();
    this.last.set(walletNo, own);
    try {
      return await own;
    } finally {
      if (this.last.get(walletNo) === own) this.last.delete(walletNo);
    }
  }

  private async decide(
    walletNo: bigint,
    { command, accrual }: CreditChange,
    claimId: string,
  ): ReturnType<ChangeWallet['change']> {
    for (let tries = 1; ; tries++) {
      const before = await this.accruals.read(walletNo);
      const accrued = accrual?.(before) ?? null;
      const after = accrued ? pendingAfter(before, accrued) : before;
      if (after.accruals.length === 0) return this.changeWallet.change(command, claimId);
      const numbers = await this.blocks.listNumbers(walletNo);
      const { reads, beside } = command;
      let isStale = false;
      const apply = (draft: WalletDraft, context: ChangeContext): ChangeOutcome => {
        isStale = !isCurrent(draft, before);
        if (isStale) return { status: 'refused', reason: 'conflict' };
        const kept = usageEscrowOf(draft.escrows);
        releasePending(draft, context.nowMs);
        const outcome = command.apply(draft, context);
        if (outcome.status === 'changed') pinPending(draft, after, context.nowMs);
        else if (kept) draft.putEscrow(kept);
        return outcome;
      };
      const written = (): readonly BesideWrite[] =>
        accrued ? [this.accruals.write(walletNo, accrued)] : [];
      try {
        return await this.changeWallet.change(
          {
            ...command,
            reads: { ...reads, blocks: [...(reads.blocks ?? []), ...numbers] },
            apply,
            beside: (entries) => [...written(), ...(beside?.(entries) ?? [])],
          },
          claimId,
        );
      } catch (error) {
        if (!isStale || tries === TRIES_MAX) throw error;
      }
    }
  }
}

/** The escrow bears the version that changed the accruals last. */
const pendingAfter = (before: PendingUsage, accrued: Accrual): PendingUsage => ({
  accruals: withAccrual(before.accruals, accrued),
  mark: String(accrued.version),
});
