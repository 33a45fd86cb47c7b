import { OrbitError, type BookedView } from '@orbit/contracts';
import { micros, ZERO_MICROS } from '@orbit/money';
import { adjustWallet, type Adjustment } from '../domain/adjust.js';
import { chargeReference } from '../../books/domain/identifiers.js';
import { reversalReference, reverseCharge, type Reversal } from '../../charges/domain/reversal.js';
import { applyClawbacks } from '../../payments/domain/clawbacks.js';
import type { BlockReader } from '../../books/application/shared-ports.js';
import { bookedView, netMicros, refuseOtherRequest } from '../../books/application/wallet-views.js';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { WalletKey, WalletReader } from '../../books/application/ports.js';
import { requireTrusted } from '../../books/application/require-trusted.js';

type Asked<T> = Omit<T, 'metadata'> & { readonly reason: string };

/** Corrections by an operator; each is an entry with its reason, once per reference. */
export class CorrectWallet {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly wallets: WalletReader,
    private readonly blocks: BlockReader,
  ) {}

  /**
   * Less is taken only of what neither holds nor escrows keep, unless debt is allowed.
   * Errors: OrbitError `insufficient_funds`, `idempotency_key_conflict`, `not_found`.
   */
  async adjust(key: WalletKey, adjustment: Asked<Adjustment>): Promise<BookedView> {
    const { amountMicros, reason, allowsNegative } = adjustment;
    const reference = `adjustment:${adjustment.reference}`;
    const needsRoom = amountMicros < 0n && !allowsNegative;
    if (needsRoom) await requireTrusted(this.changeWallet, key);
    const booked = await this.changeWallet.change(
      {
        kind: 'change',
        key,
        reference,
        reads: {},
        claims: () => (needsRoom ? micros(-amountMicros) : ZERO_MICROS),
        apply: (draft, { nowMs, isGranted }) =>
          needsRoom && !isGranted
            ? { status: 'refused', reason: 'insufficient_funds' }
            : adjustWallet(draft, { ...adjustment, reference, metadata: { reason } }, nowMs),
      },
      reference,
    );
    refuseOtherRequest(booked, (entries) => {
      const isSameReason = entries[0]?.metadata?.['reason'] === reason;
      return isSameReason && netMicros(entries) === amountMicros;
    });
    return bookedView(key, adjustment.reference, booked);
  }

  /** Errors: OrbitError `not_found`, `conflict`, `invalid_field` (amount), `idempotency_key_conflict`. */
  async reverse(organizationId: string, reversal: Asked<Reversal>): Promise<BookedView> {
    const { chargeId, reference, reason, amountMicros } = reversal;
    const found = await this.wallets.findCharge(organizationId, chargeId);
    if (!found) throw new OrbitError('not_found', 'The ledger knows no such charge.');
    if (found.outcome.status === 'rejected') {
      throw new OrbitError('conflict', 'The charge was rejected: there is nothing to give back.');
    }
    const key = { organizationId, currency: found.currency };
    const [first] = found.outcome.entries;
    const wasDebt = found.outcome.entries.some(({ blockSequence }) => blockSequence === null);
    const charges = chargeReference(chargeId);
    const reversals = reversalReference(chargeId);
    const repaying = wasDebt ? await this.blocks.listRepaying(key) : [];
    const paidBy = found.outcome.entries.flatMap(({ blockSequence }) => blockSequence ?? []);
    const sequences = [...new Set([...paidBy, ...repaying])];
    const payments = first ? await this.blocks.listPayments(first.walletNo, sequences) : [];
    let isReplay = false;
    const booked = await this.changeWallet.change({
      kind: 'change',
      key,
      // All reversals of a charge share one reference, so the domain knows its repeats.
      reference: null,
      reads: {
        references: [charges, reversals, ...payments],
        blocks: repaying,
        payments,
      },
      apply: (draft, context) => {
        const { nowMs, entriesOf } = context;
        const charged = entriesOf(charges);
        const reversed = entriesOf(reversals);
        isReplay = reversed.some(({ metadata }) => metadata?.['reference'] === reference);
        const wanted = { ...reversal, metadata: { reason } };
        const outcome = reverseCharge(draft, wanted, { charged, reversed, nowMs });
        // Credit that comes back to a block that is over leaves it again, and a clawback may wait for it already.
        if (outcome.status === 'changed' && !isReplay) applyClawbacks(draft, payments, context);
        return outcome;
      },
    });
    const { entries } = booked;
    refuseOtherRequest({ isReplay, entries }, () => {
      const givenBack = entries.filter(({ type }) => type === 'reversal');
      const isSameAmount = amountMicros === null || netMicros(givenBack) === amountMicros;
      return isSameAmount && entries[0]?.metadata?.['reason'] === reason;
    });
    return bookedView(key, reference, { entries, isReplay });
  }
}
