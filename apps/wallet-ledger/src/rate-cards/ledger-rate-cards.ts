import type { Provider } from '@nestjs/common';
import type { AccountClock } from '@orbit/kernel';
import type { Pool } from 'pg';
import { PostgresCards } from './adapters/postgres-cards.js';
import { ManageCards } from './application/manage-cards.js';

/** Rate cards, wired. */
export const rateCardProviders = (pool: Pool, clock: AccountClock): readonly Provider[] => [
  { provide: ManageCards, useValue: new ManageCards(new PostgresCards(pool, clock)) },
];
