import type { BalanceStepView, WalletBalance, WalletSteps } from '@orbit/contracts';
import { formatAmount, type Micros } from '@orbit/money';
import type { WalletKey } from '../../books/application/ports.js';

/** One entry of a wallet, and the balance that it left. */
export interface BalanceStep {
  readonly sequence: bigint;
  readonly balanceMicros: Micros;
  readonly bookedAt: Date;
  readonly isSpending: boolean;
}

/** Entries as steps of balances. Errors: the database's own. */
export interface BalanceSteps {
  /** One list a wallet, in their order; each oldest first, at most `limit`. */
  after(
    wallets: readonly (WalletKey & { readonly afterSequence: bigint })[],
    limit: number,
  ): Promise<readonly (readonly BalanceStep[])[]>;
  /** Null: nothing was ever booked. */
  last(key: WalletKey): Promise<BalanceStep | null>;
  balances(
    organizationId: string,
    limit: number,
  ): Promise<readonly { readonly currency: string; readonly balanceMicros: Micros }[]>;
}

/** As many entries of one wallet as one answer holds. */
const STEPS_MAX = 500;

/** How balances moved, for whoever watches them. Errors: the database's own. */
export class ReadBalanceSteps {
  constructor(private readonly steps: BalanceSteps) {}

  async after(
    wallets: readonly (WalletKey & { readonly afterSequence: bigint })[],
  ): Promise<readonly WalletSteps[]> {
    const found = await this.steps.after(wallets, STEPS_MAX);
    return found.map((steps, index) => ({
      steps: steps.map((step) => shown(step, wallets[index]?.currency ?? '')),
    }));
  }

  async last(key: WalletKey): Promise<BalanceStepView> {
    const step = await this.steps.last(key);
    return step
      ? shown(step, key.currency)
      : { sequence: '0', balance: '0', booked_at: new Date(0).toISOString(), is_spending: false };
  }

  async balances(organizationId: string): Promise<readonly WalletBalance[]> {
    const found = await this.steps.balances(organizationId, WALLETS_MAX);
    return found.map(({ currency, balanceMicros }) => ({
      ...{ currency, balance: formatAmount(balanceMicros, currency) },
    }));
  }
}

/** Wallets that one answer holds. */
const WALLETS_MAX = 100;

const shown = (
  { sequence, balanceMicros, bookedAt, isSpending }: BalanceStep,
  currency: string,
): BalanceStepView => ({
  sequence: String(sequence),
  balance: formatAmount(balanceMicros, currency),
  booked_at: bookedAt.toISOString(),
  is_spending: isSpending,
});
