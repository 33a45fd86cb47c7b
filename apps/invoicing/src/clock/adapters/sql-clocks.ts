import type { PrismaClient } from '@orbit/persistence';
import type { ClockState, Clocks } from '../application/ports.js';

/** A driver that is silent for so long is taken for dead, in milliseconds of real time; no step takes longer. */
const CLAIM_MS = 30_000;

/** The clocks of this service's schema, which the driver keeps. */
export class SqlClocks implements Clocks {
  constructor(private readonly sql: Pick<PrismaClient, '$queryRaw' | '$executeRaw'>) {}

  async read(accountId: string): Promise<ClockState | null> {
    const [row] = await this.sql.$queryRaw<{ now_at: Date; moving_to: Date | null }[]>`
      SELECT now_at, moving_to FROM invoicing.account_clock WHERE account_id = ${accountId}`;
    return row ? { nowMs: row.now_at.getTime(), targetMs: row.moving_to?.getTime() ?? null } : null;
  }

  async aim(accountId: string, nowMs: number, targetMs: number): Promise<boolean> {
    const target = new Date(targetMs);
    const count = await this.sql.$executeRaw`
      INSERT INTO invoicing.account_clock AS c (account_id, now_at, moving_to)
      VALUES (${accountId}, ${new Date(nowMs)}, ${target})
      ON CONFLICT (account_id) DO UPDATE SET moving_to = excluded.moving_to
      WHERE coalesce(c.moving_to, c.now_at) <= excluded.moving_to`;
    return count === 1;
  }

  async stand(accountId: string, nowMs: number): Promise<void> {
    await this.sql.$executeRaw`
      INSERT INTO invoicing.account_clock (account_id, now_at) VALUES (${accountId}, ${new Date(nowMs)})
      ON CONFLICT (account_id) DO NOTHING`;
  }

  async claim(accountId: string, realMs: number): Promise<boolean> {
    const count = await this.sql.$executeRaw`
      UPDATE invoicing.account_clock SET driven_until = ${new Date(realMs + CLAIM_MS)}
      WHERE account_id = ${accountId} AND moving_to IS NOT NULL
        AND (driven_until IS NULL OR driven_until < ${new Date(realMs)})`;
    return count === 1;
  }

  async step(accountId: string, nowMs: number, realMs: number): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.account_clock SET now_at = greatest(now_at, ${new Date(nowMs)}), version = version + 1,
        driven_until = ${new Date(realMs + CLAIM_MS)}
      WHERE account_id = ${accountId}`;
  }

  async arrive(accountId: string, targetMs: number): Promise<boolean> {
    const count = await this.sql.$executeRaw`
      UPDATE invoicing.account_clock SET moving_to = NULL
      WHERE account_id = ${accountId} AND moving_to = ${new Date(targetMs)}`;
    return count === 1;
  }

  async release(accountId: string): Promise<void> {
    await this.sql.$executeRaw`
      UPDATE invoicing.account_clock SET driven_until = NULL WHERE account_id = ${accountId}`;
  }

  async listAbandoned(realMs: number): Promise<readonly string[]> {
    const rows = await this.sql.$queryRaw<{ account_id: string }[]>`
      SELECT account_id FROM invoicing.account_clock WHERE moving_to IS NOT NULL
        AND (driven_until IS NULL OR driven_until < ${new Date(realMs)}) ORDER BY account_id LIMIT 100`;
    return rows.map(({ account_id }) => account_id);
  }
}
