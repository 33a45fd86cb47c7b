/**
 * Sessions of the tools are in UTC and read and write dates in ISO, whatever the server, database or
 * role says; as those of the services (libs/runtime, postgres-session.ts).
 */
import pg from 'pg';

/** In the startup message: beats every default, and PgBouncer passes these on. */
const SESSION = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  standard_conforming_strings: 'on',
};

/** As `SESSION_LIMITS` of libs/runtime, for the roles of services alone: a migration may take longer. */
const ROLE_LIMITS = { statement_timeout: '30s', idle_in_transaction_session_timeout: '10s' };

export class OrbitClient extends pg.Client {
  getStartupConf() {
    return { ...super.getStartupConf(), ...SESSION };
  }
}

/**
 * The same as a default of one role in one database, which is what beats the others there: for sessions
 * behind a proxy that drops startup parameters, and for people who look with psql.
 */
export async function setRoleDefaults(client, role, database) {
  const found = await client.query(
    `SELECT s.setconfig FROM pg_db_role_setting s
     JOIN pg_roles r ON r.oid = s.setrole JOIN pg_database d ON d.oid = s.setdatabase
     WHERE r.rolname = $1 AND d.datname = $2`,
    [role, database],
  );
  const known = new Set(found.rows[0]?.setconfig ?? []);
  const where = `${client.escapeIdentifier(role)} IN DATABASE ${client.escapeIdentifier(database)}`;
  for (const [name, value] of Object.entries({ ...SESSION, ...ROLE_LIMITS })) {
    if (known.has(`${name}=${value}`)) continue;
    const quoted = value.split(', ').map((part) => client.escapeLiteral(part));
    await client.query(`ALTER ROLE ${where} SET ${name} TO ${quoted.join(', ')}`);
  }
}

/**
 * Leaves a database to the given roles: nobody else connects by default, and none of them makes temporary tables, which
 * would take disk and hide tables of the same name.
 */
export async function closeDatabase(client, database, roles) {
  const name = client.escapeIdentifier(database);
  await client.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${name} FROM PUBLIC`);
  const to = roles.map((role) => client.escapeIdentifier(role)).join(', ');
  await client.query(`GRANT CONNECT ON DATABASE ${name} TO ${to}`);
}
