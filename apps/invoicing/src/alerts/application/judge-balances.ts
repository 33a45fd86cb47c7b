import { FirstFault, invariant } from '@orbit/kernel';
import { isBalanceAlert, type Alert } from '../domain/alert.js';
import { toConfiguration } from '../domain/alert-view.js';
import { crossed } from '../domain/crossing.js';
import type { AlertSubjects, AlertWatch, Balances, BalanceStep, SeenBalance } from './ports.js';

/** Wallets of one question to wallet-ledger. */
const WALLETS_MAX = 1_000;

/**
 * Credit alerts: each entry of a watched wallet is looked at once, in its order, so a balance that falls and rises
 * between two looks is reported both times. Errors: wallet-ledger's unavailable and timeout, the database's own.
 */
export class JudgeBalances {
  constructor(
    private readonly watch: AlertWatch,
    private readonly balances: Balances,
    private readonly subjects: AlertSubjects,
  ) {}

  /** Of one account, or of all. Returns how many wallets had moved. */
  async run(accountId: string | null = null): Promise<number> {
    const watched = await this.watch.balances(accountId);
    let moved = 0;
    const faults = new FirstFault();
    for (let from = 0; from < watched.length; from += WALLETS_MAX) {
      const part = watched.slice(from, from + WALLETS_MAX);
      const steps = await this.balances.stepsAfter(part);
      for (const [index, seen] of part.entries()) {
        const of = steps[index] ?? [];
        if (of.length === 0) continue;
        await faults.keep(() => this.judge(seen, of));
        moved += 1;
      }
    }
    faults.throwFirst();
    return moved;
  }

  private async judge(seen: SeenBalance, steps: readonly BalanceStep[]): Promise<void> {
    const { accountId, customerId } = seen;
    const alerts = await this.watch.balanceAlertsOf(seen);
    const customer = await this.subjects.customer(accountId, { id: customerId });
    const last = steps.at(-1);
    invariant(last !== undefined, 'a wallet that moved has a last entry');
    await this.watch.run(async (tx) => {
      if (!(await tx.advance(seen, last)) || !customer) return;
      let before = seen.balance;
      for (const { balance, bookedAtMs } of steps) {
        for (const alert of alerts) {
          const { type, thresholds } = alert;
          const line = isBalanceAlert(type) ? crossed(type, thresholds, before, balance) : null;
          if (line === null) continue;
          const names = { customer, plan: null, subscriptionId: null, balance };
          await tx.facts.record({
            ...{ accountId, organizationId: customerId, objectId: customerId, atMs: bookedAtMs },
            type: `customer.${type}`,
            resources: { customer: customer.view },
            properties: {
              alert_configuration: toConfiguration(alert, names),
              ...(type === 'credit_balance_dropped' ? { balance_threshold: line } : {}),
              pricing_unit: unitOf(alert),
            },
          });
        }
        before = balance;
      }
    });
  }
}

const unitOf = ({ currency }: Alert) => ({
  ...{ id: currency, name: currency, display_name: currency, symbol: currency },
});
