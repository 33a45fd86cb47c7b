import { OrbitError } from '@orbit/contracts';
import type { TopUpCompleted } from '@orbit/events';
import { micros, parseAmount, type Micros } from '@orbit/money';
import type { LedgerReader } from './application/auto-reload-ports.js';

/** For tests: balances in memory. Books each top-up once, as the ledger does. */
export class StandInLedger implements LedgerReader {
  private readonly balances = new Map<string, bigint>();
  private readonly booked = new Map<string, { organizationId: string; reference: string }>();
  readonly thresholds = new Map<string, string>();
  isAway = false;
  /** Runs after a balance was read and before it is answered: the reader is then behind. */
  afterRead: () => Promise<void> = () => Promise.resolve();

  /** In minor units of a currency with cents. */
  set(organizationId: string, minor: number): void {
    this.balances.set(organizationId, BigInt(minor) * 10_000n);
  }

  spend(organizationId: string, minor: number): void {
    const before = this.balances.get(organizationId) ?? 0n;
    this.balances.set(organizationId, before - BigInt(minor) * 10_000n);
  }

  /** In minor units. */
  balance(organizationId: string): number {
    return Number((this.balances.get(organizationId) ?? 0n) / 10_000n);
  }

  book(value: TopUpCompleted): void {
    if (this.booked.has(value.topup_id)) return;
    const { organization_id: organizationId, reference } = value;
    this.booked.set(value.topup_id, { organizationId, reference });
    const amount = parseAmount(value.amount);
    const before = this.balances.get(organizationId) ?? 0n;
    this.balances.set(organizationId, before + (amount.ok ? amount.amountMicros : 0n));
  }

  async readBalance(organizationId: string): Promise<Micros | null> {
    this.check();
    const balance = this.balances.get(organizationId);
    await this.afterRead();
    return balance === undefined ? null : micros(balance);
  }

  async listTopUpReferences(organizationId: string): Promise<ReadonlySet<string>> {
    this.check();
    const mine = [...this.booked.values()].filter((one) => one.organizationId === organizationId);
    return new Set(mine.map((one) => one.reference));
  }

  async setLowBalance(organizationId: string, _currency: string, threshold: Micros): Promise<void> {
    this.check();
    this.thresholds.set(organizationId, threshold.toString());
  }

  private check(): void {
    if (this.isAway) throw new OrbitError('unavailable', 'the ledger is away');
  }
}
