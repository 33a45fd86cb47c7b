import { instances, type Feature } from '@orbit/runtime';
import type { Pool } from 'pg';
import { MarginController } from './adapters/margin.controller.js';
import { PostgresMargins } from './adapters/postgres-margins.js';
import { ReadMargin } from './application/read-margin.js';

/** The income and the cost of charges. */
export const marginFeature = (pool: Pool): Feature => ({
  controllers: [MarginController],
  providers: instances(new ReadMargin(new PostgresMargins(pool))),
});
