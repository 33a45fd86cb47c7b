import type {
  PaymentEntriesPage,
  PaymentEntriesQuery,
  PaymentReference,
  PaymentTotal,
} from '@orbit/contracts';
import { formatAmount, micros } from '@orbit/money';

export interface PaymentEntryRow {
  readonly organizationId: string;
  readonly currency: string;
  readonly reference: string;
  readonly bookedAtMs: number;
  readonly walletNo: bigint;
  readonly sequence: bigint;
}

/** Where a page starts: behind this entry. */
export type PaymentEntryPosition = Pick<PaymentEntryRow, 'bookedAtMs' | 'walletNo' | 'sequence'>;

export interface PaymentTotalRow extends PaymentReference {
  /** Money received at Stripe minus money that left; null when it never moved anything there. */
  readonly clearingMicros: bigint | null;
  /** Of the clawback (a refund or a dispute) with this reference. */
  readonly spentMicros: bigint | null;
  readonly heldMicros: bigint;
}

export interface PaymentEntryReader {
  list(
    sinceMs: number,
    after: PaymentEntryPosition | null,
    limit: number,
  ): Promise<readonly PaymentEntryRow[]>;
  totals(references: readonly PaymentReference[]): Promise<readonly PaymentTotalRow[]>;
}

/** Entries of money at Stripe, for the comparison of books and Stripe. */
export class ReadPaymentEntries {
  constructor(private readonly reader: PaymentEntryReader) {}

  async list({ since, limit, after }: PaymentEntriesQuery): Promise<PaymentEntriesPage> {
    const from = after === undefined ? null : positionOf(after);
    const rows = await this.reader.list(Date.parse(since), from, limit);
    const last = rows.at(-1);
    return {
      entries: rows.map((row) => ({
        organization_id: row.organizationId,
        currency: row.currency,
        reference: clawbackOf(row.reference),
        booked_at: new Date(row.bookedAtMs).toISOString(),
      })),
      after: last && rows.length === limit ? writePosition(last) : null,
    };
  }

  async totals(references: readonly PaymentReference[]): Promise<readonly PaymentTotal[]> {
    const rows = await this.reader.totals(references);
    return rows.flatMap(({ organization_id, currency, reference, ...row }) => {
      const { clearingMicros, spentMicros, heldMicros } = row;
      const isClawback = /^(refund|dispute):/.test(reference);
      const total = isClawback ? negative(spentMicros) : clearingMicros;
      if (total === null) return [];
      const at_stripe = formatAmount(micros(clearingMicros ?? 0n), currency);
      const held = formatAmount(micros(heldMicros), currency);
      const amount = formatAmount(micros(total), currency);
      return [{ organization_id, currency, reference, amount, held, at_stripe }];
    });
  }
}

const negative = (value: bigint | null): bigint | null => (value === null ? null : -value);

/** A clawback may be booked in parts, and come back: all of its entries name it. */
const clawbackOf = (reference: string): string =>
  reference
    .replace(/^(refund_failed|stripe|stripe_end|bad_debt):/, '')
    .replace(/^((refund|dispute):.+):\d+$/, '$1');

const writePosition = ({ bookedAtMs, walletNo, sequence }: PaymentEntryRow): string =>
  `${bookedAtMs}.${walletNo}.${sequence}`;

function positionOf(cursor: string): PaymentEntryPosition {
  const [bookedAt = '', walletNo = '', sequence = ''] = cursor.split('.');
  return { bookedAtMs: Number(bookedAt), walletNo: BigInt(walletNo), sequence: BigInt(sequence) };
}
