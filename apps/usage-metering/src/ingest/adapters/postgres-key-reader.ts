import { keyHashOf } from '../../events/domain/fingerprint.js';
import type { SqlSession } from '../../events/domain/usage-store.js';
import type { KeyReader } from '../application/ports.js';

const KNOWN = `
  SELECT key_hash FROM usage_metering.usage_key
  WHERE account_id = $1 AND key_hash = ANY ($2::uuid[])`;

export class PostgresKeyReader implements KeyReader {
  constructor(private readonly sql: SqlSession) {}

  async known(accountId: string, keys: readonly string[]): Promise<readonly string[]> {
    const rows = await this.sql.query<{ readonly key_hash: string }>(KNOWN, [
      accountId,
      keys.map(keyHashOf),
    ]);
    const found = new Set(rows.map(({ key_hash }) => key_hash.replaceAll('-', '')));
    return keys.filter((key) => found.has(keyHashOf(key)));
  }
}
