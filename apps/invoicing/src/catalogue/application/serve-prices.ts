import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type AccountClock, type Clock } from '@orbit/kernel';
import {
  answered,
  invalid,
  mergeMetadata,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { missingIn, nameIn } from './catalogue-name.js';
import { Faults } from '../domain/faults.js';
import { readNewPrice } from '../domain/new-price.js';
import { priceToResponse } from '../domain/price-response.js';
import type { Metrics, NewPrice, Prices, PriceTransaction } from './price-ports.js';
import { resolvePrice } from './resolve-price.js';

const LIST = 'list-prices';

/** The operations of prices, but the evaluates. Errors: the database's own, metering's; refusals are answers. */
export class ServePrices {
  constructor(
    private readonly prices: Prices,
    private readonly changes: Changes<PriceTransaction>,
    private readonly metrics: Metrics,
    private readonly clock: AccountClock,
    /** Of ids alone: they sort by real time. */
    private readonly realClock: Clock,
  ) {}

  /** A price that is sold alone: subscriptions of any plan may take it. */
  async create(call: OrbCall): Promise<OrbAnswer> {
    const { account } = call;
    const faults = new Faults();
    const draft = readNewPrice(call.body, faults, null);
    const metricId = draft?.references.metricId ?? null;
    const metrics = metricId === null ? [] : await this.metrics.read(account.id, [metricId]);
    const nowMs = await this.clock.nowMs(account.id);
    return this.changes.run(call, async (tx) => {
      const fault = faults.refusal();
      if (!draft) return refused(fault ?? OUT_OF_FORM);
      const resolution = await resolvePrice(tx, metrics, account.id, draft);
      if (!resolution.ok) return refused(resolution.refusal);
      const price: NewPrice = {
        ...draft.definition,
        ...resolution.resolved,
        id: newId('price', this.realClock.nowMs()),
        externalPriceId: draft.externalPriceId,
        replacesPriceId: null,
        metadata: mergeMetadata({}, draft.metadata),
        createdAt: new Date(nowMs),
      };
      if (!(await tx.insertPrice(account.id, 'add_on', price))) {
        return refused(externalIdTaken(draft.externalPriceId));
      }
      return answered(201, priceToResponse({ ...price, planPhaseOrder: null }));
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const price = await this.prices.read(call.account.id, nameIn(call, 'price'));
    return price ? answered(200, priceToResponse(price)) : missingIn(call, 'price');
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(LIST, call);
    if (!query) return invalid(NOT_A_CURSOR);
    return pageOf(LIST, call, query, await this.prices.listAddOns(query), priceToResponse);
  }

  /** Only metadata change: what a price costs is another price. */
  update(call: OrbCall): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const price = await tx.lockPrice(call.account.id, nameIn(call, 'price'));
      if (!price) return missingIn(call, 'price');
      const metadata = mergeMetadata(price.metadata, call.body['metadata']);
      await tx.savePriceMetadata(call.account.id, price.id, metadata);
      return answered(200, priceToResponse({ ...price, metadata }));
    });
  }
}

const OUT_OF_FORM = {
  code: 'request_validation_errors',
  detail: 'body is no price',
} as const;

export const externalIdTaken = (externalId: string | null) =>
  ({
    code: 'duplicate_resource_creation',
    detail: `external_price_id: another price has the external id ${JSON.stringify(externalId)}.`,
  }) as const;
