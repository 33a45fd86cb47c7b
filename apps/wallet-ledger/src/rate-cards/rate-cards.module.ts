import type { AccountClock } from '@orbit/kernel';
import { instances, type Feature } from '@orbit/runtime';
import type { Pool } from 'pg';
import { PostgresCards } from './adapters/postgres-cards.js';
import { RateCardsController } from './adapters/rate-cards.controller.js';
import { ManageCards } from './application/manage-cards.js';

/** Rate cards: prices of charges that name a product. */
export const rateCardsFeature = (pool: Pool, clock: AccountClock): Feature => ({
  controllers: [RateCardsController],
  providers: instances(new ManageCards(new PostgresCards(pool, clock))),
});
