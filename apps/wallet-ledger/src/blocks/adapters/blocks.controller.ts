import { Controller } from '@nestjs/common';
import {
  BLOCKS,
  type AmendBlock,
  type BlockListQuery,
  type BlockPage,
  type BookedView,
  type ExtendBlock,
  type GrantBlock,
  type VoidBlock,
} from '@orbit/contracts';
import { requireAmount } from '@orbit/money';
import { Handles } from '@orbit/runtime';
import { ChangeBlock, type BlockRequest } from '../application/change-block.js';
import { ReadBlocks } from '../application/read-blocks.js';
import { grantTerms } from '../domain/grant-terms.js';
import { toKey } from '../../books/adapters/requests.js';

/** Credit blocks, over Nest TCP. */
@Controller()
export class BlocksController {
  constructor(
    private readonly changeBlock: ChangeBlock,
    private readonly readBlocks: ReadBlocks,
  ) {}

  @Handles(BLOCKS.grant)
  async grant(request: GrantBlock): Promise<BookedView> {
    return this.changeBlock.grant(toKey(request), grantTerms(request));
  }

  @Handles(BLOCKS.list)
  async list(query: BlockListQuery): Promise<BlockPage> {
    const key = toKey(query);
    return query.include_all
      ? this.readBlocks.listAll(key, query.limit, query.after_id)
      : this.readBlocks.listOpen(key, query.limit);
  }

  @Handles(BLOCKS.extend)
  async extend(request: ExtendBlock): Promise<BookedView> {
    const { expires_at: expiresAt, reopen = false } = request;
    const untilMs = expiresAt === null ? null : Date.parse(expiresAt);
    return this.changeBlock.extend(toBlock(request), untilMs, reopen);
  }

  @Handles(BLOCKS.void)
  async void(request: VoidBlock): Promise<BookedView> {
    return this.changeBlock.void(toBlock(request), request.allow_negative);
  }

  @Handles(BLOCKS.amend)
  async amend(request: AmendBlock): Promise<BookedView> {
    const amountMicros = requireAmount(request.amount);
    return this.changeBlock.amend(toBlock(request), amountMicros, request.allow_negative);
  }
}

const toBlock = (request: VoidBlock): BlockRequest => ({
  organizationId: request.organization_id,
  blockId: request.block_id,
  reference: request.reference,
  reason: request.reason.trim(),
});
