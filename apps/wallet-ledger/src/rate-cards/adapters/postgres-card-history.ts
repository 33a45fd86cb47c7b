import type { CardPricesJson, ReadyCard } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { readCardPrices, type CardPrices } from '@orbit/pricing';
import type { Pool } from 'pg';
import { occurredAtMs } from '../../books/domain/times.js';

/** A stored card never changes, so what was read of it stays. */
const CARDS_MAX = 1_000;

interface VersionRow {
  readonly ask: string;
  readonly account_id: string;
  readonly organization_id: string;
  readonly version: number;
}

/** Rate cards as they were at an instant, out of all that were ever put. */
export class PostgresCardHistory {
  private readonly prices = new Map<string, CardPrices>();

  constructor(
    private readonly pool: Pool,
    private readonly clock: Clock,
  ) {}

  async findAt(
    asked: readonly { readonly organizationId: string; readonly atMs: number }[],
  ): Promise<readonly (ReadyCard | null)[]> {
    const accounts = await this.accountsOf(asked.map(({ organizationId }) => organizationId));
    const realMs = this.clock.nowMs();
    const instants = asked.map(({ organizationId, atMs }) => {
      const account = accounts.get(organizationId);
      return { account, atMs: account ? occurredAtMs(atMs, account, realMs) : atMs };
    });
    const { rows } = await this.pool.query<VersionRow>(
      `SELECT a.ask, c.account_id, c.organization_id, c.version
       FROM unnest($1::text[], $2::text[], $3::timestamptz[]) WITH ORDINALITY AS a(account_id, organization_id, at, ask)
       CROSS JOIN LATERAL (VALUES (''), (a.organization_id)) AS o(organization_id)
       CROSS JOIN LATERAL (
         SELECT account_id, organization_id, version FROM wallet_ledger.rate_card
         WHERE account_id = a.account_id AND organization_id = o.organization_id AND effective_at <= a.at
         ORDER BY effective_at DESC, version DESC LIMIT 1
       ) c`,
      [
        instants.map(({ account }) => account?.accountId ?? null),
        asked.map(({ organizationId }) => organizationId),
        instants.map(({ atMs }) => new Date(atMs)),
      ],
    );
    await this.readPrices(rows);
    const found = new Map<number, { account?: VersionRow; own?: VersionRow }>();
    for (const row of rows) {
      const at = Number(row.ask) - 1;
      const key = row.organization_id === '' ? 'account' : 'own';
      found.set(at, { ...found.get(at), [key]: row });
    }
    return asked.map((_, index) => this.cardOf(found.get(index)));
  }

  private cardOf(
    found: { readonly account?: VersionRow; readonly own?: VersionRow } | undefined,
  ): ReadyCard | null {
    if (!found) return null;
    const { account, own } = found;
    const pricesOf = (row: VersionRow | undefined): CardPrices =>
      (row && this.prices.get(keyOf(row))) ?? new Map();
    return {
      version: `${account?.version ?? 0}.${own?.version ?? 0}`,
      prices: own ? new Map([...pricesOf(account), ...pricesOf(own)]) : pricesOf(account),
    };
  }

  private async accountsOf(
    organizationIds: readonly string[],
  ): Promise<Map<string, { readonly accountId: string; readonly standsAtMs: number | null }>> {
    const { rows } = await this.pool.query<{
      organization_id: string;
      account_id: string;
      now_at: Date | null;
    }>(
      `SELECT DISTINCT ON (w.organization_id) w.organization_id, w.account_id, c.now_at
       FROM wallet_ledger.wallet w LEFT JOIN wallet_ledger.account_clock c USING (account_id)
       WHERE w.organization_id = ANY($1) ORDER BY w.organization_id, w.wallet_no`,
      [[...new Set(organizationIds)]],
    );
    return new Map(
      rows.map(({ organization_id: id, account_id: accountId, now_at: now }) => [
        id,
        { accountId, standsAtMs: now?.getTime() ?? null },
      ]),
    );
  }

  private async readPrices(rows: readonly VersionRow[]): Promise<void> {
    const missing = new Map(
      rows.map((row) => [keyOf(row), row] as const).filter(([key]) => !this.prices.has(key)),
    );
    if (missing.size === 0) return;
    if (this.prices.size + missing.size > CARDS_MAX) this.prices.clear();
    const wanted = [...missing.values()];
    const { rows: found } = await this.pool.query<VersionRow & { prices: string }>(
      `SELECT c.account_id, c.organization_id, c.version, c.prices
       FROM unnest($1::text[], $2::text[], $3::integer[]) AS a(account_id, organization_id, version)
       JOIN wallet_ledger.rate_card c USING (account_id, organization_id, version)`,
      [
        wanted.map(({ account_id: id }) => id),
        wanted.map(({ organization_id: id }) => id),
        wanted.map(({ version }) => version),
      ],
    );
    for (const row of found) {
      this.prices.set(keyOf(row), readCardPrices(JSON.parse(row.prices) as CardPricesJson).prices);
    }
  }
}

const keyOf = (row: Omit<VersionRow, 'ask'>): string =>
  `${row.account_id} ${row.organization_id} ${row.version}`;
