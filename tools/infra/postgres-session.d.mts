import type pg from 'pg';

export { Client as OrbitClient } from 'pg';
export function setRoleDefaults(client: pg.Client, role: string, database: string): Promise<void>;
