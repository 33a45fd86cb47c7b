import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { answered, mergeMetadata, notFound, refused, type Metadata } from '@orbit/orb-api';
import { parseBlockId } from '../../books/domain/identifiers.js';
import type { CreditBlocks, BlockWithTerms } from './credit-ports.js';
import { blockView, debtView, OVERDRAFT, pendingView } from './credit-views.js';
import type { SoldBlock, SoldBlocks } from './sale-ports.js';
import { readMetadata, Refused } from './read-entry.js';

/** One credit block by its id. Errors: the database's own; refusals are answers. */
export class ServeCreditBlocks {
  constructor(
    private readonly blocks: CreditBlocks,
    private readonly sold: Pick<SoldBlocks, 'find' | 'changeMetadata'>,
    private readonly clock: AccountClock,
  ) {}

  /** Whose block it is, for the gateway, which knows whose customer that is. */
  async findOwner(call: OrbCall): Promise<OrbAnswer> {
    const sold = await this.pending(call);
    if (sold) return answered(200, { customer_id: sold.key.organizationId });
    const named = await this.blocks.locate(call.path['block_id'] ?? '');
    const isThere = named && ((await this.find(call)) ?? (await this.debt(call)));
    const key = isThere ? await this.blocks.findKey(named.walletNo) : null;
    return answered(200, key ? { customer_id: key.organizationId } : {});
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const found = await this.find(call);
    if (found) {
      const pending = await this.blocks.pendingOf(found.walletNo);
      const nowMs = await this.clock.nowMs(call.account.id);
      return answered(200, blockView(found, nowMs, pending.get(found.block.sequence)));
    }
    const sold = await this.pending(call);
    if (sold) return answered(200, pendingView(sold));
    const debt = await this.debt(call);
    return debt ? answered(200, debt) : missing(call);
  }

  /** Metadata only; the increment of the block in the credit ledger shows them too. */
  async update(call: OrbCall): Promise<OrbAnswer> {
    const found = await this.find(call);
    const sold = found ? null : await this.pending(call);
    if (!found && !sold) return missing(call);
    const { metadata } = call.body;
    try {
      readMetadata(metadata);
    } catch (error) {
      if (error instanceof Refused) return refused(error.refusal);
      throw error;
    }
    const change = (own: Metadata): Metadata => mergeMetadata(own, metadata);
    if (!found) {
      await this.sold.changeMetadata(call.path['block_id'] ?? '', change);
      return this.fetch(call);
    }
    const { sequence } = found.block;
    await this.blocks.changeMetadata(found.walletNo, sequence, change);
    return this.fetch(call);
  }

  /** The debt in the list of blocks; it is no block that could be changed. */
  private async debt({ path }: OrbCall): Promise<Record<string, unknown> | null> {
    const named = parseBlockId(path['block_id'] ?? '');
    if (named?.sequence !== OVERDRAFT) return null;
    const debtMicros = await this.blocks.debtOf(named.walletNo);
    return debtMicros > 0n ? debtView(named.walletNo, debtMicros) : null;
  }

  private async find({ path }: OrbCall): Promise<BlockWithTerms | null> {
    const named = await this.blocks.locate(path['block_id'] ?? '');
    return named && this.blocks.find(named.walletNo, named.sequence);
  }

  /** A block that waits for its payment. */
  private async pending({ path }: OrbCall): Promise<SoldBlock | null> {
    const sold = await this.sold.find(path['block_id'] ?? '');
    return sold?.status === 'pending' ? sold : null;
  }
}

const missing = ({ path }: OrbCall): OrbAnswer =>
  refused(notFound('credit block', path['block_id'] ?? ''));
