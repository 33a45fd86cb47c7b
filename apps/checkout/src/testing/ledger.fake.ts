import { OrbitError, type TakingReason } from '@orbit/contracts';
import type { TopUpCompleted } from '@orbit/events';
import { micros, parseAmount, type Micros } from '@orbit/money';
import type {
  LedgerReader,
  Movements,
  MovementsQuery,
} from '../auto-reload/application/auto-reload-ports.js';

interface Moved {
  readonly kind: 'spend' | TakingReason | 'other';
  readonly afterMicros: bigint;
}

/** For tests: balances in memory, and why they moved. Books each top-up once, as the ledger does. */
export class StandInLedger implements LedgerReader {
  private readonly moves = new Map<string, Moved[]>();
  private readonly booked = new Map<string, { organizationId: string; reference: string }>();
  readonly thresholds = new Map<string, string>();
  isAway = false;
  /** Runs after a balance was read and before it is answered: the reader is then behind. */
  afterRead: () => Promise<void> = () => Promise.resolve();

  /** In minor units of a currency with cents. What is less than before was spent. */
  set(organizationId: string, minor: number): void {
    const before = this.movesOf(organizationId).at(-1)?.afterMicros;
    const afterMicros = BigInt(minor) * 10_000n;
    if (afterMicros === before) return;
    const isSpent = before !== undefined && afterMicros < before;
    this.add(organizationId, isSpent ? 'spend' : 'other', afterMicros);
  }

  spend(organizationId: string, minor: number): void {
    this.take(organizationId, minor, 'spend');
  }

  /** Expired credit is `other`. */
  take(organizationId: string, minor: number, kind: Moved['kind']): void {
    const before = this.movesOf(organizationId).at(-1)?.afterMicros ?? 0n;
    this.add(organizationId, kind, before - BigInt(minor) * 10_000n);
  }

  /** In minor units. */
  balance(organizationId: string): number {
    return Number((this.movesOf(organizationId).at(-1)?.afterMicros ?? 0n) / 10_000n);
  }

  private movesOf(organizationId: string): readonly Moved[] {
    return this.moves.get(organizationId) ?? [];
  }

  private add(organizationId: string, kind: Moved['kind'], afterMicros: bigint): void {
    this.moves.set(organizationId, [...this.movesOf(organizationId), { kind, afterMicros }]);
  }

  book(value: TopUpCompleted): void {
    if (this.booked.has(value.topup_id)) return;
    const { organization_id: organizationId, reference } = value;
    this.booked.set(value.topup_id, { organizationId, reference });
    const amount = parseAmount(value.amount);
    const before = this.movesOf(organizationId).at(-1)?.afterMicros ?? 0n;
    this.add(organizationId, 'other', before + (amount.ok ? amount.amountMicros : 0n));
  }

  async readMovements(
    organizationId: string,
    _currency: string,
    { threshold, afterSequence }: MovementsQuery,
  ): Promise<Movements | null> {
    this.check();
    const moves = this.movesOf(organizationId);
    await this.afterRead();
    const last = moves.at(-1);
    if (last === undefined) return null;
    const spentAt = moves.findLastIndex(({ kind }) => kind === 'spend');
    const isLow = moves.slice(spentAt).every(({ afterMicros }) => afterMicros < threshold);
    const takenAt = moves.findIndex(
      ({ kind }, at) => kind !== 'spend' && kind !== 'other' && at >= (afterSequence ?? 0n),
    );
    const taken = moves[takenAt]?.kind;
    const isTaken = taken !== undefined && taken !== 'spend' && taken !== 'other';
    return {
      balanceMicros: micros(last.afterMicros),
      sequence: BigInt(moves.length),
      spentSequence: spentAt >= 0 && isLow ? BigInt(spentAt + 1) : null,
      taken: isTaken ? { reason: taken, reference: `${taken}:${takenAt + 1}` } : null,
    };
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
