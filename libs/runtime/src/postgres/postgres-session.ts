import pg from 'pg';

/**
 * Settings that a session of ours takes from nobody: neither from the server's file nor from what an administrator sets
 * for a database or a role. Sent in the startup message, which beats all of them, and which PgBouncer passes
 * on in transaction mode, too. Prisma's driver cuts the zone off an instant, so that in any other
 * zone than UTC every instant would move by the offset.
 */
const ASKED_AT_START: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  standard_conforming_strings: 'on',
};
/**
 * How long the server works on one statement, and waits inside a transaction for a process that froze, which so
 * gives its rows up. PgBouncer refuses both in the startup message; the migrator makes them defaults of each role.
 */
export const SESSION_LIMITS: Readonly<Record<string, string>> = {
  statement_timeout: '30s',
  idle_in_transaction_session_timeout: '10s',
};
/** And what PgBouncer would refuse in that message; asked for after it, and only where it differs. */
const WANTED: Readonly<Record<string, string>> = {
  ...ASKED_AT_START,
  ...SESSION_LIMITS,
  default_transaction_isolation: 'read committed',
  array_nulls: 'on',
  bytea_output: 'hex',
  extra_float_digits: '1',
  transform_null_equals: 'off',
};

/** Returns the settings that had another value, and gives them ours for the rest of the session. */
const CORRECT = `
  SELECT w.name, current_setting(w.name) AS value, set_config(w.name, w.wanted, false)
  FROM unnest($1::text[], $2::text[]) AS w (name, wanted) WHERE current_setting(w.name) <> w.wanted`;

/**
 * Fails with 25006 where a write would: on a standby behind the same address, or when the database was made read
 * only. To be sent by a pool's own `query`, which gives a connection up whose statement failed.
 */
export const REFUSE_READ_ONLY = `DO $$ BEGIN
  IF current_setting('transaction_read_only') = 'on' THEN
    RAISE EXCEPTION 'PostgreSQL is read only' USING ERRCODE = 'read_only_sql_transaction';
  END IF;
END $$`;

interface WithStartup {
  getStartupConf(): Record<string, string>;
}

class OrbitClient extends pg.Client {
  /** Of pg.Client, which knows no option for these; a test connects and looks. */
  getStartupConf(): Record<string, string> {
    const inherited = (pg.Client.prototype as unknown as WithStartup).getStartupConf.call(this);
    return { ...inherited, ...ASKED_AT_START };
  }
}

export interface SessionSetting {
  readonly name: string;
  readonly value: string;
}

/**
 * For the configuration of a pg.Pool: its sessions are in UTC and write as we read, whatever the database says.
 * `onCorrected` gets the settings that a session had in spite of being asked, because something stands between.
 */
export function ownSessions(
  onCorrected: (settings: readonly SessionSetting[]) => void = () => undefined,
): Pick<pg.PoolConfig, 'Client'> & { onConnect(client: pg.ClientBase): Promise<void> } {
  return {
    Client: OrbitClient,
    // The pool waits for it, and gives a connection up where it fails.
    onConnect: async (client) => {
      const values = [Object.keys(WANTED), Object.values(WANTED)];
      const { rows } = await client.query<SessionSetting>(CORRECT, values);
      // A database that was restored elsewhere has no limits of ours yet: nothing that anybody chose.
      const corrected = rows.filter(({ name }) => !(name in SESSION_LIMITS));
      if (corrected.length > 0) onCorrected(corrected.map(({ name, value }) => ({ name, value })));
    },
  };
}
