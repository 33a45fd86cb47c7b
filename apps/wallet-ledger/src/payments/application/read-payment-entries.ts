import {
  OrbitError,
  type PaymentEntriesPage,
  type PaymentEntriesQuery,
  type PaymentReference,
  type PaymentTotal,
} from '@orbit/contracts';
import { formatAmount, micros } from '@orbit/money';

const PAGE_SIZE_MAX = 1_000;
const REFERENCES_MAX = 1_000;

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
    const sinceMs = Date.parse(since);
    if (Number.isNaN(sinceMs)) throw invalid('since', 'since is an instant.');
    if (!Number.isSafeInteger(limit) || limit < 1 || limit > PAGE_SIZE_MAX) {
      throw invalid('limit', `limit is 1 to ${PAGE_SIZE_MAX}.`);
    }
    const from = after === undefined ? null : readPosition(after);
    const rows = await this.reader.list(sinceMs, from, limit);
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
    if (!Array.isArray(references) || references.length > REFERENCES_MAX) {
      throw invalid('references', `references are at most ${REFERENCES_MAX}.`);
    }
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

function readPosition(text: string): PaymentEntryPosition {
  const match = /^(\d{1,15})\.(\d{1,19})\.(\d{1,19})$/.exec(String(text));
  if (!match) throw invalid('after', 'after is what an earlier page answered.');
  const [, bookedAt = '', walletNo = '', sequence = ''] = match;
  return { bookedAtMs: Number(bookedAt), walletNo: BigInt(walletNo), sequence: BigInt(sequence) };
}

const invalid = (param: string, message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param });
