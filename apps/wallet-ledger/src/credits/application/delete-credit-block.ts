import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import { noContent, notFound, refused } from '@orbit/orb-api';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import type { ChangeCommand } from '../../books/application/commands.js';
import type { WalletKey } from '../../books/application/ports.js';
import { requireTrusted } from '../../books/application/require-trusted.js';
import type { Entry } from '../../books/domain/wallet.js';
import { roomOfPart } from '../domain/credit-changes.js';
import { deleteBlock, type DeleteRefusal } from '../domain/delete-block.js';
import { grantedRoom, NO_ROOM, roomBesideUsage } from '../domain/pending-draws.js';
import type { CreditBlocks } from './credit-ports.js';
import type { KeepPending } from './pending-usage.js';
import type { SoldBlocks } from './sale-ports.js';

/** Every try reads the block's history anew; so many other writers in a row are a busy wallet. */
const TRIES_MAX = 5;

type Refusal = DeleteRefusal | 'held' | 'moved_on';

/** `DELETE /credit_blocks/{id}`: the books go on as if the block had never been. Errors: OrbitError `unavailable`. */
export class DeleteCreditBlock {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly blocks: CreditBlocks,
    private readonly sold: Pick<SoldBlocks, 'find'>,
    private readonly pending: Pick<KeepPending, 'change'>,
    private readonly clock: Clock,
  ) {}

  async run(call: OrbCall): Promise<OrbAnswer> {
    const id = call.path['block_id'] ?? '';
    const named = await this.blocks.locate(id);
    const key = named && (await this.blocks.findKey(named.walletNo));
    if (!key) {
      const sold = await this.sold.find(id);
      return sold?.status === 'pending' ? WAITS : refused(notFound('credit block', id));
    }
    await requireTrusted(this.changeWallet, key);
    let refusal: Refusal | null = 'moved_on';
    for (let tries = 0; refusal === 'moved_on' && tries < TRIES_MAX; tries++) {
      await this.changeWallet.sweepWallet(key);
      const found = await this.blocks.find(named.walletNo, named.sequence);
      refusal = found ? await this.delete(key, named.walletNo, named.sequence) : 'unknown_block';
    }
    return refusal === null ? noContent : answerOf(refusal, id);
  }

  private async delete(
    key: WalletKey,
    walletNo: bigint,
    sequence: bigint,
  ): Promise<Refusal | null> {
    const { asOf, entries: history } = await this.blocks.readHistory(walletNo, sequence);
    const numbers = await this.blocks.listNumbers(walletNo);
    const nowMs = this.clock.nowMs();
    const part = { reference: '', metadata: {}, blockSequence: sequence, amountMicros: null };
    let refusal: Refusal | null = null;
    let claimed = NO_ROOM;
    const command: ChangeCommand = {
      kind: 'change',
      key,
      reference: null,
      reads: { blocks: numbers },
      claims: (wallet, { nowMs: atMs }) => {
        claimed = roomBesideUsage(wallet, (held) => roomOfPart(held, part, atMs));
        return claimed.claimedMicros;
      },
      apply: (draft, { nowMs: atMs, isGranted }) => {
        const needed = roomOfPart(draft.current, part, atMs);
        const booked = decide(() => {
          if (draft.nextSequence !== asOf + 1n) return { refusal: 'moved_on' };
          if (needed > grantedRoom(claimed, isGranted)) return { refusal: 'held' };
          return deleteBlock(draft, sequence, history, atMs);
        });
        refusal = 'refusal' in booked ? booked.refusal : null;
        if ('refusal' in booked) return { status: 'refused', reason: 'conflict' };
        return { status: 'changed', entries: booked.entries };
      },
      beside: () => [this.blocks.deletionWrite(walletNo, sequence, nowMs)],
    };
    try {
      await this.pending.change(walletNo, { command }, `credit ${newId('req', nowMs)}`);
      return null;
    } catch (error) {
      if (refusal !== null) return refusal;
      throw error;
    }
  }
}

const WAITS = refused({
  code: 'constraint_violation',
  detail: 'The block waits for the payment of its invoice: void that instead.',
});

const decide = (
  work: () => { readonly entries: readonly Entry[] } | { readonly refusal: Refusal },
): ReturnType<typeof work> => work();

const REFUSALS: Readonly<Record<Exclude<Refusal, 'unknown_block' | 'held' | 'moved_on'>, string>> =
  {
    was_paid: 'The block was paid for: refund its payment instead.',
    paid_otherwise:
      'Charges of the Orbit API or corrections drew on the block: reverse them, or void what is left.',
    was_moved: 'Credit of the block was moved to or from another one: void what is left instead.',
    set_aside: 'Some of the block is set aside for a lease, a refund or a dispute.',
    balance_limit: 'The balance would fall below what a ledger can hold.',
    too_many_slices: 'What was drawn from the block would lie on too many other blocks.',
  };

function answerOf(refusal: Refusal, id: string): OrbAnswer {
  switch (refusal) {
    case 'unknown_block':
      return refused(notFound('credit block', id));
    case 'held': {
      const detail = 'Open authorizations count on this credit. Wait until they end.';
      return refused({ code: 'resource_conflict', detail });
    }
    case 'moved_on': {
      const detail = 'The ledger of this customer is busy. Repeat the request.';
      return refused({ code: 'resource_conflict', detail });
    }
    default:
      return refused({ code: 'constraint_violation', detail: REFUSALS[refusal] });
  }
}
