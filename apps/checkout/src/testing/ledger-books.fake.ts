import type { PaymentReference } from '@orbit/contracts';
import { parseAmount } from '@orbit/money';
import type { LedgerBooks } from '../reconciliation/application/reconcile-ports.js';
import type { LedgerTotals } from '../reconciliation/domain/reconcile.js';

interface Booked extends PaymentReference {
  micros: bigint;
  heldMicros: bigint;
  atStripeMicros: bigint;
  readonly bookedAtMs: number;
}

/** For tests: what the ledger makes of the facts that checkout publishes, per reference and without its rules. */
export class StandInLedgerBooks implements LedgerBooks {
  readonly booked = new Map<string, Booked>();
  readonly paused: string[] = [];

  /** Once per fact, in any order. */
  take(topic: string, value: Readonly<Record<string, unknown>>): void {
    const amount = micros(value['amount']);
    const topup = `topup:${String(value['topup_id'])}`;
    const refund = `refund:${String(value['refund_id'])}`;
    const dispute = `dispute:${String(value['dispute_id'])}`;
    if (topic === 'topup.completed') this.put(topup, value, amount);
    if (topic === 'refund.pending') this.put(refund, value, 0n, amount, -amount);
    if (topic === 'refund.completed') this.put(refund, value, -amount);
    if (topic === 'refund.failed') this.put(refund, value, 0n);
    if (topic === 'dispute.opened') this.put(dispute, value, 0n, amount, -amount);
    if (topic === 'dispute.closed') {
      this.put(dispute, value, value['outcome'] === 'lost' ? -amount : 0n);
    }
    if (!topic.startsWith('dispute.')) return;
    this.put(dispute.replace(':', '_fee:'), value, -micros(value['fee']));
  }

  put(
    reference: string,
    value: Readonly<Record<string, unknown>>,
    amount: bigint,
    held = 0n,
    atStripe = amount,
  ): void {
    this.booked.set(reference, {
      organization_id: String(value['organization_id']),
      currency: String(value['currency']),
      reference,
      micros: amount,
      heldMicros: held,
      atStripeMicros: atStripe,
      bookedAtMs: Date.now(),
    });
  }

  async references(
    sinceMs: number,
  ): Promise<readonly (PaymentReference & { readonly bookedAtMs: number })[]> {
    await Promise.resolve();
    return [...this.booked.values()].filter(({ bookedAtMs }) => bookedAtMs >= sinceMs);
  }

  async totals(references: readonly PaymentReference[]): Promise<LedgerTotals> {
    await Promise.resolve();
    const known = references.flatMap(({ reference }) => this.booked.get(reference) ?? []);
    return new Map(known.map((one) => [one.reference, one]));
  }

  async pause(organizationId: string): Promise<void> {
    await Promise.resolve();
    this.paused.push(organizationId);
  }
}

function micros(text: unknown): bigint {
  const amount = parseAmount(text);
  return amount.ok ? amount.amountMicros : 0n;
}
