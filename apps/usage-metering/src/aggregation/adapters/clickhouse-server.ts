import { ClickHouseError, createClient, type ClickHouseClient } from '@clickhouse/client';
import { OrbitError } from '@orbit/contracts';

/** Longer than a question may take; an insert of one block takes far less. */
const REQUEST_TIMEOUT_MS = 20_000;
const UNKNOWN_DATABASE = '81';
const UNKNOWN_TABLE = '60';

export interface ClickHouseOptions {
  readonly url: string;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** A table or database that should be there is not. */
export class MissingTable extends Error {}

/** Statements for ClickHouse. Errors: MissingTable; unavailable, whatever else is wrong. */
export class ClickHouseServer {
  private readonly client: ClickHouseClient;

  constructor(private readonly options: ClickHouseOptions) {
    const { url, user: username, password } = options;
    this.client = createClient({
      ...{ url, username, password, application: 'orbit-usage-metering' },
      request_timeout: REQUEST_TIMEOUT_MS,
      // What went wrong is thrown; the client would print it as well.
      log: { level: 127 },
      clickhouse_settings: { wait_end_of_query: 1 },
    });
  }

  /** A table with its database, as it stands in a statement. */
  nameOf(table: string): string {
    return `${quoted(this.options.database)}.${quoted(table)}`;
  }

  async rows<Row>(query: string, parameters: Record<string, string> = {}): Promise<readonly Row[]> {
    return this.guarded(async () => {
      const result = await this.client.query({
        ...{ query, query_params: parameters, format: 'JSONEachRow' },
      });
      return result.json<Row>();
    });
  }

  /**
   * Adds rows at once. The same rows with the same token are added once, however often: that is how an insert whose
   * answer was lost is repeated.
   */
  async insert(table: string, rows: readonly object[], token: string): Promise<void> {
    if (rows.length === 0) return;
    await this.guarded(() =>
      this.client.insert({
        table: this.nameOf(table),
        format: 'JSONEachRow',
        values: rows,
        clickhouse_settings: {
          ...{ async_insert: 0, insert_deduplicate: 1, insert_deduplication_token: token },
        },
      }),
    );
  }

  /** Makes tables, in a database that is made before. */
  async make(statements: readonly string[]): Promise<void> {
    const database = `CREATE DATABASE IF NOT EXISTS ${quoted(this.options.database)}`;
    for (const query of [database, ...statements]) {
      await this.guarded(() => this.client.command({ query }));
    }
  }

  close(): Promise<void> {
    return this.client.close();
  }

  private async guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      const code = cause instanceof ClickHouseError ? cause.code : '';
      if (code === UNKNOWN_TABLE || code === UNKNOWN_DATABASE) {
        throw new MissingTable('a table of usage is not in ClickHouse', { cause });
      }
      throw new OrbitError('unavailable', 'ClickHouse is unavailable', { cause });
    }
  }
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '')}\``;
