import type pg from 'pg';

export { Client as OrbitClient } from 'pg';
export function setRoleDefaults(client: pg.Client, role: string, database: string): Promise<void>;
export function closeDatabase(
  client: pg.Client,
  database: string,
  roles: readonly string[],
): Promise<void>;
