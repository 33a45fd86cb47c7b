import type { AutoReloadView, BlockReason } from '@orbit/contracts';
import { centsFloor, formatAmount, micros, type Currency, type Micros } from '@orbit/money';

/** A wallet at one moment, as the gateway has read it. */
export interface BalanceReading {
  readonly currency: Currency;
  readonly postedMicros: Micros;
  readonly heldMicros: Micros;
  readonly pausedReason: BlockReason | null;
  readonly lastToppedUpAt: string | null;
}

/** The answer of `GET balance` and `GET credits`: the fields of both generations of the API at once. */
export interface BalanceView {
  readonly balance_usd?: number;
  readonly balance_cents: number;
  readonly credits: number;
  readonly balance: number;
  readonly balance_exact: string;
  readonly held_cents: number;
  readonly held: string;
  readonly available_cents: number;
  readonly available: string;
  readonly currency: string;
  readonly outbound_paused: boolean;
  readonly outbound_block_reason: BlockReason | null;
  /** Null while checkout, which keeps the terms, is unavailable. */
  readonly auto_reload: Pick<AutoReloadView, 'enabled' | 'threshold' | 'amount'> | null;
  readonly last_topped_up_at: string | null;
}

/** Integers are floors of exact amounts (docs/design.md, 2); the decimal strings beside them are exact. */
export function balanceView(
  reading: BalanceReading,
  autoReload: AutoReloadView | null = null,
): BalanceView {
  const { currency, postedMicros, heldMicros } = reading;
  const availableMicros = micros(postedMicros - heldMicros);
  const balance = Number(centsFloor(postedMicros, currency));
  return {
    ...(currency === 'USD' ? { balance_usd: centsAsNumber(balance) } : {}),
    balance_cents: balance,
    credits: balance,
    balance,
    balance_exact: formatAmount(postedMicros, currency),
    held_cents: Number(centsFloor(heldMicros, currency)),
    held: formatAmount(heldMicros, currency),
    available_cents: Number(centsFloor(availableMicros, currency)),
    available: formatAmount(availableMicros, currency),
    currency: currency.toLowerCase(),
    outbound_paused: reading.pausedReason !== null,
    outbound_block_reason: reading.pausedReason,
    auto_reload:
      autoReload === null
        ? null
        : {
            enabled: autoReload.enabled,
            threshold: autoReload.threshold,
            amount: autoReload.amount,
          },
    last_topped_up_at: reading.lastToppedUpAt,
  };
}

/**
 * Cents as a JSON number of dollars. The division is rounded to the double nearest the decimal, and
 * JSON prints the shortest text for it, so the client reads back exactly these cents (below 2^53).
 */
function centsAsNumber(cents: number): number {
  return cents / 100;
}
