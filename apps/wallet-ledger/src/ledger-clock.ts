import type { Clock } from '@orbit/kernel';
import { DueRegistry, StoredAccountClock } from '@orbit/runtime';
import type { Pool } from 'pg';
import type { GrantSchedules } from './blocks/application/grant-schedules.js';
import { PostgresAccountWallets } from './books/adapters/postgres-account-wallets.js';
import type { ChangeWallet } from './books/application/change-wallet.js';

/** The ledger's part of the clocks of accounts, wired. */
export class LedgerClock {
  readonly accountClock: StoredAccountClock;
  readonly wallets: PostgresAccountWallets;
  /** The work due at instants of an account: features register it here. */
  readonly due = new DueRegistry();

  constructor(pool: Pool, clock: Clock) {
    this.accountClock = new StoredAccountClock(
      async (text, values) => (await pool.query(text, [...values])).rows,
      'wallet_ledger',
      clock,
    );
    this.wallets = new PostgresAccountWallets(pool, () => clock.nowMs());
  }

  /** Expiry and schedules, and the hot balances of wallets that a move of the clock changes. */
  drive(changeWallet: ChangeWallet, schedules: GrantSchedules): void {
    const { wallets, accountClock } = this;
    this.due.register(
      {
        name: 'book expired credit',
        step: 'expire_credit',
        nextDue: (accountId, untilMs) => wallets.nextExpiry(accountId, untilMs),
        runDue: (accountId, atMs) => changeWallet.sweepAccount(accountId, atMs),
      },
      {
        name: 'grant periods of schedules',
        step: 'begin_periods',
        nextDue: (accountId, untilMs) => wallets.nextPeriod(accountId, untilMs),
        runDue: (accountId, atMs) => schedules.runAccount(accountId, atMs),
      },
    );
    this.due.movesWith(async (accountId, toMs) => {
      const fromMs = await accountClock.standsAtMs(accountId);
      return async () => {
        if (fromMs === null) await wallets.moveVersions(accountId);
        const keys = await wallets.listChanging(accountId, fromMs, toMs);
        for (const key of keys) await changeWallet.load(key);
      };
    });
  }
}
