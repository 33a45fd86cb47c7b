import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  BLOCKS_RPC,
  type AmendBlock,
  type BlockListQuery,
  type BlockPage,
  type BookedView,
  type ExtendBlock,
  type GrantBlock,
  type VoidBlock,
} from '@orbit/contracts';
import { ChangeBlock, type BlockRequest } from '../application/change-block.js';
import { ReadBlocks } from '../application/read-blocks.js';
import * as read from '../../books/adapters/requests.js';

/** Credit blocks, over Nest TCP; BLOCKS_RPC says what each takes. */
@Controller()
export class BlocksController {
  constructor(
    private readonly changeBlock: ChangeBlock,
    private readonly readBlocks: ReadBlocks,
  ) {}

  @MessagePattern(BLOCKS_RPC.grant)
  grant(request: GrantBlock): Promise<BookedView> {
    return this.changeBlock.grant(read.toKey(request), read.readGrant(request));
  }

  @MessagePattern(BLOCKS_RPC.list)
  list(query: BlockListQuery): Promise<BlockPage> {
    const key = read.toKey(query);
    return query.include_all
      ? this.readBlocks.listAll(key, query.limit, query.after_id)
      : this.readBlocks.listOpen(key, query.limit);
  }

  @MessagePattern(BLOCKS_RPC.extend)
  extend(request: ExtendBlock): Promise<BookedView> {
    const { expires_at: expiresAt, reopen = false } = request;
    const untilMs = expiresAt === null ? null : read.readInstant(expiresAt, 'expires_at');
    return this.changeBlock.extend(toBlock(request), untilMs, read.readFlag(reopen, 'reopen'));
  }

  @MessagePattern(BLOCKS_RPC.void)
  void(request: VoidBlock): Promise<BookedView> {
    return this.changeBlock.void(toBlock(request), read.readAllowsNegative(request));
  }

  @MessagePattern(BLOCKS_RPC.amend)
  amend(request: AmendBlock): Promise<BookedView> {
    const amountMicros = read.readPositive(request.amount, 'amount');
    return this.changeBlock.amend(toBlock(request), amountMicros, read.readAllowsNegative(request));
  }
}

const toBlock = (request: VoidBlock): BlockRequest => ({
  organizationId: request.organization_id,
  blockId: request.block_id,
  reference: read.readReference(request.reference),
  reason: read.readReason(request.reason),
});
