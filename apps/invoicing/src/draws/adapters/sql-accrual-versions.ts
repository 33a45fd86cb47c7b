import type { Sql } from '@orbit/persistence';
import type { AccrualVersions } from '../application/ports.js';

/** A sequence, so that no two processes are given the same. */
export class SqlAccrualVersions implements AccrualVersions {
  constructor(private readonly sql: Sql) {}

  async next(): Promise<string> {
    const [row] = await this.sql.$queryRaw<[{ version: bigint }]>`
      SELECT nextval('invoicing.accrual_version') AS version`;
    return String(row.version);
  }
}
