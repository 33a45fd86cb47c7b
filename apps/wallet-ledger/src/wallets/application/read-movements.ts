import { OrbitError, type TakingReason, type WalletMovementsView } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { Micros } from '@orbit/money';
import type { WalletKey, WalletReader } from '../../books/application/ports.js';
import { walletView } from '../../books/application/wallet-views.js';

export interface WalletMovements {
  /** Of the last entry. */
  readonly sequence: bigint;
  /** The last charge, and the highest balance since it, its own included. */
  readonly lastSpend: { readonly sequence: bigint; readonly peakMicros: Micros } | null;
  readonly taken: {
    readonly sequence: bigint;
    readonly reason: TakingReason;
    readonly reference: string;
  } | null;
}

export interface MovementReader {
  /** Of one instant; null when there is no such wallet. Takings count after the entry and from the instant. */
  read(
    key: WalletKey,
    since: { readonly sequence: bigint; readonly bookedFromMs: number },
  ): Promise<WalletMovements | null>;
}

/** Why a balance is where it is: what auto-reload asks before it pays. Reads only. */
export class ReadMovements {
  constructor(
    private readonly wallets: WalletReader,
    private readonly movements: MovementReader,
    private readonly clock: Clock,
  ) {}

  async read(
    key: WalletKey,
    query: {
      readonly thresholdMicros: Micros;
      readonly afterSequence: bigint;
      readonly fromMs: number;
    },
  ): Promise<WalletMovementsView | null> {
    // The balance first: whatever it lacks by then is among the movements, which are read after it.
    const record = await this.wallets.find(key);
    if (record === null) return null;
    const since = { sequence: query.afterSequence, bookedFromMs: query.fromMs };
    const moved = await this.movements.read(key, since);
    if (moved === null) throw new OrbitError('internal', 'The wallet was there and is not.');
    const { lastSpend, taken } = moved;
    const isSpent = lastSpend !== null && lastSpend.peakMicros < query.thresholdMicros;
    return {
      balance: walletView(record, this.clock.nowMs()).balance,
      sequence: String(moved.sequence),
      spent_sequence: isSpent ? String(lastSpend.sequence) : null,
      taken: taken && { ...taken, sequence: String(taken.sequence) },
    };
  }
}
