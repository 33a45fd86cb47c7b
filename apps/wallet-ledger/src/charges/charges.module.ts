import { systemClock } from '@orbit/kernel';
import { instances, type Feature } from '@orbit/runtime';
import type { AuthorizationIds } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { PostBatch } from '../books/application/post-batch.js';
import { PostgresCardHistory } from '../rate-cards/adapters/postgres-card-history.js';
import { ChargeRequestedConsumer } from './adapters/charge-requested.consumer.js';
import type { PostgresAllowances } from './adapters/postgres-allowances.js';
import { SpendAuthorizations } from './adapters/spend-authorizations.js';
import { AUTHORIZATIONS } from './application/authorization-ports.js';
import { PostCharges } from './application/post-charges.js';
import { RateCharges } from './application/rate-charges.js';

/**
 * Refresh of the allowance cache. Until then a first plan granted by another instance is unknown, and charges without
 * a hold use the wallet.
 */
const ALLOWANCES_INTERVAL_MS = 2_000;

export interface ChargeParts {
  readonly pool: Pool;
  readonly redis: Redis;
  readonly ids: AuthorizationIds;
  readonly postBatch: PostBatch;
  readonly allowances: PostgresAllowances;
}

/** Charges that were requested: rated, paid by an allowance first, posted. */
export function chargesFeature(parts: ChargeParts): Feature {
  const { pool, redis, ids, postBatch, allowances } = parts;
  return {
    controllers: [ChargeRequestedConsumer],
    providers: [
      ...instances(
        new PostCharges(postBatch, allowances),
        new RateCharges(new PostgresCardHistory(pool, systemClock), allowances),
      ),
      { provide: AUTHORIZATIONS, useValue: new SpendAuthorizations(ids, redis) },
    ],
    jobs: [
      {
        name: 'learn of allowances',
        intervalMs: ALLOWANCES_INTERVAL_MS,
        run: () => allowances.refresh(),
      },
    ],
    start: () => allowances.refresh(),
  };
}
