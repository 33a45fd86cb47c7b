import type { PlanTransaction } from '../../catalogue/application/plan-ports.js';
import type { PriceScope } from '../../catalogue/application/price-ports.js';
import type { Price } from '../../catalogue/domain/price.js';
import type { KnownPriceName } from '../domain/overrides.js';

/** A price that exists, and who may take it. */
export interface Offer {
  readonly price: Price;
  readonly scope: PriceScope;
  readonly isArchived: boolean;
}

/** The catalogue as subscriptions take from it, in their transaction. Errors: the database's own. */
export interface Offers extends PlanTransaction {
  /** Null: the account has none. By external id the one that is not archived, then the newest. */
  offer(accountId: string, name: KnownPriceName): Promise<Offer | null>;
}
