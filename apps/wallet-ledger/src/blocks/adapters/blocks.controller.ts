import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  BLOCKS_RPC,
  type AdjustWallet,
  type AmendBlock,
  type BlockListQuery,
  type BlockPage,
  type BookedView,
  type ConfigureWallet,
  type ExtendBlock,
  type GrantBlock,
  type ReverseCharge,
  type VoidBlock,
  type WalletPoliciesView,
  type WalletRef,
} from '@orbit/contracts';
import { ChangeBlock, type BlockRequest } from '../application/change-block.js';
import { CorrectWallet } from '../../wallets/application/correct-wallet.js';
import { ReadBlocks } from '../application/read-blocks.js';
import { SetPolicies } from '../../wallets/application/set-policies.js';
import * as read from '../../books/adapters/block-requests.js';

/** Policies, corrections and credit blocks, over Nest TCP; BLOCKS_RPC says what each takes. */
@Controller()
export class BlocksController {
  constructor(
    private readonly setPolicies: SetPolicies,
    private readonly correctWallet: CorrectWallet,
    private readonly changeBlock: ChangeBlock,
    private readonly readBlocks: ReadBlocks,
  ) {}

  @MessagePattern(BLOCKS_RPC.configure)
  configure(request: ConfigureWallet): Promise<WalletPoliciesView> {
    return this.setPolicies.run(read.toKey(request), read.readPolicies(request));
  }

  @MessagePattern(BLOCKS_RPC.readPolicies)
  policies(request: WalletRef): Promise<WalletPoliciesView> {
    return this.setPolicies.read(read.toKey(request));
  }

  @MessagePattern(BLOCKS_RPC.adjust)
  adjust(request: AdjustWallet): Promise<BookedView> {
    return this.correctWallet.adjust(read.toKey(request), {
      amountMicros: read.readSigned(request.amount, 'amount'),
      reason: read.readReason(request.reason),
      reference: read.readReference(request.reference),
      allowsNegative: allowsNegative(request),
    });
  }

  @MessagePattern(BLOCKS_RPC.reverse)
  reverse(request: ReverseCharge): Promise<BookedView> {
    const { amount, extend_to: extendTo } = request;
    return this.correctWallet.reverse(request.organization_id, {
      chargeId: request.charge_id,
      amountMicros: amount === undefined ? null : read.readPositive(amount, 'amount'),
      reference: read.readReference(request.reference),
      reason: read.readReason(request.reason),
      extendToMs: extendTo === undefined ? null : read.readInstant(extendTo, 'extend_to'),
    });
  }

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
    return this.changeBlock.void(toBlock(request), allowsNegative(request));
  }

  @MessagePattern(BLOCKS_RPC.amend)
  amend(request: AmendBlock): Promise<BookedView> {
    const amountMicros = read.readPositive(request.amount, 'amount');
    return this.changeBlock.amend(toBlock(request), amountMicros, allowsNegative(request));
  }
}

const allowsNegative = (request: { readonly allow_negative?: boolean }): boolean =>
  read.readFlag(request.allow_negative ?? false, 'allow_negative');

const toBlock = (request: VoidBlock): BlockRequest => ({
  organizationId: request.organization_id,
  blockId: request.block_id,
  reference: read.readReference(request.reference),
  reason: read.readReason(request.reason),
});
