import { makePostgresPool as makePool, type PostgresPoolOptions } from '@orbit/runtime';
import type { Pool } from 'pg';

/** The ledger's connections. */
export const makePostgresPool = (options: Omit<PostgresPoolOptions, 'name'>): Pool =>
  makePool({ ...options, name: 'orbit-wallet-ledger' });
