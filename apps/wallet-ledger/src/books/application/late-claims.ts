import { micros, type Micros } from '@orbit/money';
import { chargeReference } from '../domain/identifiers.js';
import { occurredAtMs, timesOf } from '../domain/times.js';
import type { Charge, Wallet } from '../domain/wallet.js';
import type { LapsedPayer, LedgerRules } from './ledger-rules.js';
import { outcomeKey, type ClaimRequest } from './ports.js';

type Claimed = ClaimRequest['charges'][number];

/** Takes off the claims of one group what credit that has lapsed pays: Redis knows nothing of it. */
export class LateClaims {
  /** By outcome key: what lapsed credit is counted on to pay. */
  readonly covers = new Map<string, Micros>();
  /** By wallet number; null where nothing has lapsed. */
  private readonly lapsed = new Map<bigint, LapsedPayer | null>();

  constructor(
    private readonly rules: LedgerRules,
    private readonly nowMs: number,
  ) {}

  /** What the charge claims; null when lapsed credit pays it whole, or when it stands in the group twice. */
  claimOf(charge: Charge, wallet: Wallet): Claimed | null {
    let lapsed = this.lapsed.get(wallet.walletNo);
    if (lapsed === undefined) {
      lapsed = this.rules.lapsedPayerOf(wallet, timesOf(wallet, this.nowMs).accountMs);
      this.lapsed.set(wallet.walletNo, lapsed);
    }
    if (lapsed === null) return charge;
    const reference = chargeReference(charge.chargeId);
    const key = outcomeKey({ walletNo: wallet.walletNo, reference });
    if (this.covers.has(key)) return null;
    const occurred = occurredAtMs(charge.occurredAtMs, wallet, this.nowMs);
    const paidMicros = lapsed.take({ ...charge, occurredAtMs: occurred });
    this.covers.set(key, paidMicros);
    const amountMicros = micros(charge.amountMicros - paidMicros);
    return amountMicros === 0n ? null : { chargeId: charge.chargeId, amountMicros };
  }
}
