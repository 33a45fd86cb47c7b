import type { BlockPage, BlocksQuery, CreditBlockPage } from '@orbit/contracts';
import type { BlockListQuery } from '@orbit/contracts';
import { shownUnit } from '../../edge/requests/wallet-unit.js';

type PageQuery = Omit<BlockListQuery, 'organization_id' | 'currency'>;

export const toBlockQuery = ({ include, limit, cursor }: BlocksQuery): PageQuery => ({
  include_all: include === 'all',
  limit,
  ...(cursor === undefined ? {} : { after_id: cursor }),
});

/** Only the list of all blocks goes on in pages. */
export function toBlockPage(page: BlockPage, { include }: BlocksQuery): CreditBlockPage {
  const blocks = page.blocks.map((block) => ({ ...block, currency: shownUnit(block.currency) }));
  const last = blocks.at(-1)?.id ?? null;
  const cursor = include === 'all' && page.has_more ? last : null;
  return { blocks, cursor, has_more: page.has_more };
}
