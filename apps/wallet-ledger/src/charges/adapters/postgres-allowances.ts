import { ALLOWANCE_UNITS, isAllowanceUnit } from '@orbit/allowances';
import type { Clock } from '@orbit/kernel';
import { micros, ZERO_MICROS, type Currency, type Micros } from '@orbit/money';
import type { Pool } from 'pg';
import type { Allowances, BookedCharge } from '../application/allowance-ports.js';
import type { WalletKey } from '../../books/application/ports.js';
import { ENTRY_TYPES } from '../../books/domain/wallet.js';

/** Numbers are drawn before they are committed: so far back an unseen wallet may still appear. */
const OVERLAP = 1_000n;

interface HotRead {
  /** Null when Redis does not know the wallet. From `validUntilMs` on a block of it has ended, or begun. */
  read(
    organizationId: string,
    currency: Currency,
  ): Promise<{ availableMicros: Micros; validUntilMs: number | null } | null>;
}

/** Remembers which organizations have allowances; wallets are never deleted, so it only grows. */
export class PostgresAllowances implements Allowances {
  private readonly organizations = new Set<string>();
  private seenWalletNo = 0n;

  constructor(
    private readonly pool: Pool,
    private readonly hot: HotRead,
    private readonly load: (key: WalletKey) => Promise<unknown>,
    private readonly clock: Clock,
  ) {}

  has(organizationId: string): boolean {
    return this.organizations.has(organizationId);
  }

  /** Adds an allowance that this process opens to memory at once. */
  learn({ organizationId, currency }: WalletKey): void {
    if (isAllowanceUnit(currency)) {
      this.organizations.add(organizationId);
    }
  }

  /** Learns of those that others opened; to be called now and then. Returns how many wallets it looked at. */
  async refresh(): Promise<number> {
    const { rows } = await this.pool.query<{ organization_id: string; wallet_no: string }>(
      `SELECT organization_id, wallet_no FROM wallet_ledger.wallet
       WHERE wallet_no > $1 AND currency = ANY($2)`,
      [String(this.seenWalletNo - OVERLAP), ALLOWANCE_UNITS],
    );
    for (const { organization_id: id, wallet_no: no } of rows) {
      this.organizations.add(id);
      if (BigInt(no) > this.seenWalletNo) this.seenWalletNo = BigInt(no);
    }
    return rows.length;
  }

  async availableMicros(key: WalletKey): Promise<Micros> {
    const { organizationId, currency } = key;
    const known = await this.hot.read(organizationId, currency);
    // At the end of a period the allowance is over, also before anybody has booked that.
    const isOver = (known?.validUntilMs ?? Infinity) <= this.clock.nowMs();
    if (known !== null && !isOver) return known.availableMicros;
    await this.load(key);
    const loaded = await this.hot.read(organizationId, currency);
    return loaded?.availableMicros ?? ZERO_MICROS;
  }

  async findBooked(
    charges: readonly { readonly organizationId: string; readonly chargeId: string }[],
  ): Promise<readonly BookedCharge[]> {
    const { rows } = await this.pool.query<{
      organization_id: string;
      charge_id: string;
      currency: Currency;
      is_booked: boolean;
      amount_micros: string;
      channel: string | null;
      metadata: Record<string, unknown> | null;
    }>(
      `WITH asked AS (
         SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS a(organization_id, charge_id)
       ), mine AS (
         SELECT a.*, w.wallet_no, w.currency FROM asked a JOIN wallet_ledger.wallet w USING (organization_id)
       )
       SELECT m.organization_id, m.charge_id, m.currency, false AS is_booked, r.amount_micros, NULL AS channel, NULL::jsonb AS metadata
       FROM mine m JOIN wallet_ledger.rejection r ON r.wallet_no = m.wallet_no AND r.charge_id = m.charge_id
       UNION ALL
       SELECT m.organization_id, m.charge_id, m.currency, true, e.amount_micros, e.channel, e.metadata
       FROM mine m CROSS JOIN LATERAL (
         SELECT sum(amount_micros)::bigint AS amount_micros, min(channel) AS channel,
           (array_agg(metadata ORDER BY slice))[1] AS metadata
         FROM wallet_ledger.entry
         WHERE wallet_no = m.wallet_no AND reference = 'charge:' || m.charge_id AND type = $3
         HAVING count(*) > 0
       ) e`,
      [
        charges.map(({ organizationId }) => organizationId),
        charges.map(({ chargeId }) => chargeId),
        ENTRY_TYPES.spend,
      ],
    );
    // Booked ones come last: they count where both are known.
    return rows.map((row) => ({
      organizationId: row.organization_id,
      chargeId: row.charge_id,
      currency: row.currency,
      status: row.is_booked ? 'booked' : 'rejected',
      amountMicros: micros(BigInt(row.amount_micros)),
      channel: row.channel,
      metadata: row.metadata ?? {},
    }));
  }
}
