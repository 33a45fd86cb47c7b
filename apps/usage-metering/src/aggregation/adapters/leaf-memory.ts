import type { SqlSession } from '../../events/domain/usage-store.js';
import { compileLeaf, type Leaf } from '../../metrics/domain/counting.js';
import type { FollowedLeaf } from '../domain/rollup-change.js';

type KnownLeaf = Omit<FollowedLeaf, 'fromMs'>;
/** Compiled leaves that are remembered. */
const KNOWN_MAX = 10_000;

/** Leaves by id. They never change, so one that was read once stays true. */
export class LeafMemory {
  private readonly known = new Map<string, KnownLeaf>();

  async read(sql: SqlSession, ids: readonly string[]): Promise<ReadonlyMap<string, KnownLeaf>> {
    const missing = [...new Set(ids)].filter((id) => !this.known.has(id));
    if (missing.length > 0) {
      if (this.known.size > KNOWN_MAX) this.known.clear();
      const rows = await sql.query<{ id: string; leaf: Leaf }>(
        'SELECT id::text, leaf FROM usage_metering.usage_leaf WHERE id = ANY($1::bigint[])',
        [missing],
      );
      for (const { id, leaf } of rows) {
        this.known.set(id, { id, leaf, compiled: compileLeaf(leaf) });
      }
    }
    return this.known;
  }
}
