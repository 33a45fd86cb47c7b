import type { SqlSession, Transactions } from '../../events/domain/usage-store.js';
import { canonicalText, type Leaf } from '../../metrics/domain/counting.js';
import type { KeptLeaves } from '../application/ports.js';
import type { StoreName } from '../domain/stores.js';
import { leafHash } from '../domain/rolled-leaves.js';

/** Leaves of an account that are kept; beyond it usage is read from events. */
const LEAVES_MAX = 500;
const KNOWN_MAX = 50_000;

const KEEP = `
  INSERT INTO usage_metering.usage_leaf (account_id, hash, leaf)
  SELECT $1, hash, leaf FROM unnest($2::uuid[], $3::json[]) AS l (hash, leaf)
  WHERE (SELECT count(*) FROM usage_metering.usage_leaf WHERE account_id = $1) < ${LEAVES_MAX}
  ORDER BY hash
  ON CONFLICT (account_id, hash) DO NOTHING RETURNING id::text`;

/** Each customer of the account that has events, by one step of the index each. */
const WISH_ALL = `
  WITH RECURSIVE c (customer_id) AS (
    SELECT min(customer_id) FROM usage_metering.usage_event
    WHERE account_id = $1 AND state = 'visible'
    UNION ALL
    SELECT (SELECT min(e.customer_id) FROM usage_metering.usage_event e
            WHERE e.account_id = $1 AND e.state = 'visible' AND e.customer_id > c.customer_id)
    FROM c WHERE c.customer_id IS NOT NULL
  )
  INSERT INTO usage_metering.usage_leaf_fill (leaf_id, customer_id, filled_from)
  SELECT l.id, c.customer_id, 'infinity'
  FROM unnest($2::bigint[]) AS l (id) CROSS JOIN c WHERE c.customer_id IS NOT NULL
  ORDER BY 1, 2 ON CONFLICT (leaf_id, customer_id) DO NOTHING`;

export class PostgresLeaves implements KeptLeaves {
  private readonly known = new Set<string>();

  constructor(
    private readonly transactions: Transactions,
    /** There is something to fill. */
    private readonly onNew: () => void,
    private readonly store: StoreName = 'postgres',
  ) {}

  async keep(accountId: string, leaves: readonly Leaf[]): Promise<void> {
    const fresh = leaves
      .map((leaf) => ({ hash: leafHash(leaf), text: canonicalText(leaf) }))
      .filter(({ hash }) => !this.known.has(`${accountId} ${hash}`));
    if (fresh.length === 0) return;
    const isNew = await this.transactions.run(async (sql: SqlSession) => {
      const rows = await sql.query<{ id: string }>(KEEP, [
        accountId,
        fresh.map(({ hash }) => hash),
        fresh.map(({ text }) => text),
      ]);
      if (rows.length > 0 && this.store === 'postgres')
        await sql.query(WISH_ALL, [accountId, rows.map(({ id }) => id)]);
      return rows.length > 0;
    });
    if (this.known.size > KNOWN_MAX) this.known.clear();
    for (const { hash } of fresh) this.known.add(`${accountId} ${hash}`);
    if (isNew) this.onNew();
  }
}
