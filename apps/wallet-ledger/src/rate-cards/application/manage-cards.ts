import {
  OrbitError,
  type CardPricesJson,
  type PutRateCard,
  type PutRateCardView,
  type RateCardOwner,
  type RateCardView,
} from '@orbit/contracts';
import { readRfc3339 } from '@orbit/kernel';
import { isCurrency } from '@orbit/money';
import { readCardPrices } from '@orbit/pricing';
import type { CardOwner, CardStore } from './ports.js';

const CARD_BYTES_MAX = 512 * 1024;

/** Rate cards of accounts and organizations. Every card stays for ever: charges name its version. */
export class ManageCards {
  constructor(private readonly cards: CardStore) {}

  /** Null: nothing has a price yet. Errors: not_found. */
  async read(asked: RateCardOwner): Promise<RateCardView | null> {
    const owner = await this.ownerOf(asked);
    const nowMs = await this.cards.nowMs(owner.accountId);
    const found = await this.cards.inForce(owner, nowMs);
    const nextMs = await this.cards.nextAfter(owner, nowMs);
    if (found.length === 0 && nextMs === null) return null;
    const account = found.find(({ organizationId }) => organizationId === '');
    const own = found.find(({ organizationId }) => organizationId !== '');
    return {
      version: `${account?.version ?? 0}.${own?.version ?? 0}`,
      prices: { ...account?.prices, ...own?.prices },
      overrides: Object.keys(own?.prices ?? {}).sort(),
      next_effective_at: nextMs === null ? null : new Date(nextMs).toISOString(),
    };
  }

  /** Errors: invalid_field (prices…, effective_at), not_found. */
  async put({
    owner: asked,
    prices,
    effective_at: effectiveAt,
  }: PutRateCard): Promise<PutRateCardView> {
    const read = readPrices(prices);
    const owner = await this.ownerOf(asked);
    const nowMs = await this.cards.nowMs(owner.accountId);
    const effectiveAtMs = effectiveAt === undefined ? null : readRfc3339(effectiveAt);
    if (effectiveAt !== undefined && (effectiveAtMs === null || effectiveAtMs < nowMs)) {
      throw invalid('effective_at', 'effective_at is an RFC 3339 instant that is not over.');
    }
    const card = await this.cards.add(owner, { prices: read, effectiveAtMs }, nowMs);
    return {
      version: card.version,
      effective_at: new Date(card.effectiveAtMs).toISOString(),
      prices: card.prices,
      is_replay: card.isReplay,
    };
  }

  private async ownerOf(asked: RateCardOwner): Promise<CardOwner> {
    if ('account_id' in asked) return { accountId: asked.account_id, organizationId: '' };
    const accountId = await this.cards.accountOf(asked.organization_id);
    if (accountId !== null) return { accountId, organizationId: asked.organization_id };
    throw new OrbitError('not_found', 'The organization has no wallet.');
  }
}

function readPrices(value: unknown): CardPricesJson {
  const { prices, faults } = readCardPrices(value);
  const [fault] = faults;
  if (fault) throw invalid(fault.path, `${fault.path} ${fault.message}.`);
  for (const [name, { currency }] of prices) {
    if (isCurrency(currency)) continue;
    const param = `prices.${name}.currency`;
    throw invalid(param, `${param} is neither an ISO 4217 currency nor a custom unit.`);
  }
  if (JSON.stringify(value).length > CARD_BYTES_MAX) {
    throw invalid('prices', 'prices are at most 512 KiB of JSON.');
  }
  return value as CardPricesJson;
}

const invalid = (param: string, message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param });
