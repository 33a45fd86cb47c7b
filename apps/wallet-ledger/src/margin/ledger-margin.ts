import type { Provider } from '@nestjs/common';
import type { Pool } from 'pg';
import { PostgresMargins } from './adapters/postgres-margins.js';
import { ReadMargin } from './application/read-margin.js';

/** Margin, wired. */
export const marginProviders = (pool: Pool): readonly Provider[] => [
  { provide: ReadMargin, useValue: new ReadMargin(new PostgresMargins(pool)) },
];
