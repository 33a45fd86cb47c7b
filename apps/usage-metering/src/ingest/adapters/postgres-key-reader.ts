import { keyHashOf } from '../../events/domain/fingerprint.js';
import type { SqlSession } from '../../events/domain/usage-store.js';
import type { DeprecatedKey, KeyReader } from '../application/ports.js';

const KNOWN = `
  SELECT key_hash FROM usage_metering.usage_key
  WHERE account_id = $1 AND key_hash = ANY ($2::uuid[])`;

const DEPRECATED = `
  SELECT idempotency_key, correction_no FROM usage_metering.usage_correction
  WHERE account_id = $1 AND kind = 'deprecate' AND correction_no > $2
  ORDER BY correction_no LIMIT $3`;

interface DeprecatedRow {
  readonly idempotency_key: string;
  readonly correction_no: string;
}

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

  async deprecated(
    accountId: string,
    afterNo: bigint,
    limit: number,
  ): Promise<readonly DeprecatedKey[]> {
    const values = [accountId, afterNo.toString(), limit];
    const rows = await this.sql.query<DeprecatedRow>(DEPRECATED, values);
    return rows.map((row) => ({
      key: row.idempotency_key,
      correctionNo: BigInt(row.correction_no),
    }));
  }
}
