import pg from 'pg';

/**
 * Of every table of a schema, what it holds: two that are equal say that nothing was written between them. Sequences
 * and caches are no state.
 */
export async function fingerprintTables(
  adminUrl: string,
  schema: string,
): Promise<Readonly<Record<string, string>>> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = $1 ORDER BY 1`,
      [schema],
    );
    if (rows.length === 0) throw new Error(`There is no table in ${schema}.`);
    const found: Record<string, string> = {};
    for (const { name } of rows) {
      const table = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
      const { rows: sums } = await client.query<{ sum: string }>(
        `SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS sum
         FROM ${table} t`,
      );
      found[name] = sums[0]?.sum ?? '';
    }
    return found;
  } finally {
    await client.end();
  }
}
