import type { CreditReturned, CreditsDrawn } from '@orbit/contracts';
import { invariant, newId, type Clock } from '@orbit/kernel';
import { formatAmount, micros, type Currency } from '@orbit/money';
import type { ChangeContext } from '../../books/application/commands.js';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import { withoutUsage, type Accrual, type PendingUsage } from '../domain/pending-draws.js';
import type { KeepPending } from './pending-usage.js';
import { CommandFault, type WalletKey } from '../../books/application/ports.js';
import { blockId } from '../../books/domain/identifiers.js';
import {
  drawDocument,
  drawReference,
  previewDocument,
  type DocumentDraw,
  type DrawPart,
} from '../domain/draw-document.js';
import {
  returnDraw,
  returnedBy,
  returnReference,
  type CreditReturn,
} from '../domain/return-draw.js';
import type { CreditBlocks, CreditHolder, DocumentDraws } from './credit-ports.js';

export interface DrawRequest {
  readonly key: WalletKey;
  readonly documentId: string;
  readonly parts: readonly DrawPart[];
  /** The reported usage that was on no invoice yet and is on this one; null: none was reported. */
  readonly replaces?: Replaced | null;
}

/** Lines of a subscription's reported usage. */
export interface Replaced {
  readonly subscriptionId: string;
  /** Reports before this one count no more. */
  readonly version: bigint;
  readonly lineIds: readonly string[];
}

type Entries = ReturnType<ChangeContext['entriesOf']>;

/** Credit for documents, once per document and wallet. Errors: OrbitError `unavailable`, the database's own. */
export class DrawCredits {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly blocks: Pick<CreditBlocks, 'listNumbers' | 'listHeld' | 'listHolders'>,
    private readonly draws: DocumentDraws,
    private readonly pending: Pick<KeepPending, 'change'>,
    private readonly clock: Clock,
  ) {}

  async run(request: DrawRequest): Promise<CreditsDrawn> {
    const { key, documentId, parts } = request;
    const known = await this.draws.find(documentId, key.currency);
    if (known) return known;
    const wallet = await this.changeWallet.sweepWallet(key);
    if (!wallet) return this.draws.keep(nothingDrawn(documentId, key.currency));
    const { walletNo } = wallet;
    const numbers = await this.blocks.listNumbers(walletNo);
    let answer = nothingDrawn(documentId, key.currency);
    try {
      const { isReplay } = await this.pending.change(
        walletNo,
        {
          command: {
            kind: 'change',
            key,
            reference: drawReference(documentId),
            reads: { blocks: numbers },
            apply: (draft, { nowMs }) => {
              const drawn = drawDocument(draft, documentId, parts, nowMs);
              answer = answerOf(documentId, key.currency, walletNo, drawn.taken);
              return { status: 'changed', entries: drawn.entries };
            },
            beside: () => [this.draws.write(answer)],
          },
          accrual: (before) => leftAfter(before, request.replaces ?? null),
        },
        `draw ${newId('req', this.clock.nowMs())}`,
      );
      return isReplay ? await this.first(request) : answer;
    } catch (error) {
      // Another request for this document was first.
      if (error instanceof CommandFault) return this.first(request);
      throw error;
    }
  }

  /** The result of a draw if it were made now, whatever is set aside for usage. Nothing is booked. */
  async preview({ key, documentId, parts }: DrawRequest): Promise<CreditsDrawn> {
    const wallet = await this.changeWallet.sweepWallet(key);
    let answer = nothingDrawn(documentId, key.currency);
    if (!wallet) return answer;
    const { walletNo } = wallet;
    let isSeen = false;
    try {
      await this.changeWallet.change(
        {
          ...{ kind: 'change', key, reference: null },
          reads: { blocks: await this.blocks.listNumbers(walletNo) },
          apply: (draft, { nowMs }) => {
            const { taken } = previewDocument(withoutUsage(draft), documentId, parts, nowMs);
            answer = answerOf(documentId, key.currency, walletNo, taken);
            isSeen = true;
            // Whoever refuses changes nothing.
            return { status: 'refused', reason: 'conflict' };
          },
        },
        `preview ${newId('req', this.clock.nowMs())}`,
      );
    } catch (error) {
      if (!isSeen) throw error;
    }
    return answer;
  }

  /** Which of these organizations hold credit, of whatever unit. Errors: the database's own. */
  holders(organizationIds: readonly string[]): Promise<readonly string[]> {
    return this.blocks.listHolders(organizationIds);
  }

  /** In which currencies of each holder a draw may find anything. Errors: the database's own. */
  held(holders: readonly CreditHolder[]): Promise<readonly (readonly string[])[]> {
    return this.blocks.listHeld(holders);
  }

  /** Once per return. Errors: OrbitError `unavailable`, `not_found`, `invalid_field`; the database's own. */
  async giveBack(key: WalletKey, asked: CreditReturn): Promise<CreditReturned> {
    const references = [drawReference(asked.documentId), returnReference(asked.documentId)];
    let returned = 0n;
    await this.changeWallet.change(
      {
        ...{ kind: 'change', key, reference: null, reads: { references } },
        apply: (draft, { nowMs, entriesOf }) => {
          const [drawn, returns] = references.map(entriesOf) as [Entries, Entries];
          const entries = returnDraw(draft, asked, drawn, returns, nowMs);
          if (!entries) return { status: 'refused', reason: 'balance_limit' };
          returned = returnedBy(asked.returnId, [...returns, ...entries]);
          return { status: 'changed', entries };
        },
      },
      `return ${newId('req', this.clock.nowMs())}`,
    );
    return { return_id: asked.returnId, returned: formatAmount(micros(returned), key.currency) };
  }

  private async first({ documentId, key }: DrawRequest): Promise<CreditsDrawn> {
    const known = await this.draws.find(documentId, key.currency);
    invariant(known, 'what a document drew is kept with its entries');
    return known;
  }
}

/** A subscription's reported usage, less the part that a document takes over; null: no older report is there. */
function leftAfter({ accruals }: PendingUsage, replaced: Replaced | null): Accrual | null {
  const known =
    replaced && accruals.find(({ subscriptionId }) => subscriptionId === replaced.subscriptionId);
  if (!known || known.version >= replaced.version) return null;
  const gone = new Set(replaced.lineIds);
  const parts = known.parts.filter(({ lineId }) => !gone.has(lineId));
  return { ...known, version: replaced.version, parts };
}

const nothingDrawn = (documentId: string, currency: Currency): CreditsDrawn => ({
  document_id: documentId,
  currency,
  applied: formatAmount(micros(0n), currency),
  lines: [],
});

function answerOf(
  documentId: string,
  currency: Currency,
  walletNo: bigint,
  taken: DocumentDraw['taken'],
): CreditsDrawn {
  const byLine = new Map<string, Map<bigint, bigint>>();
  let applied = 0n;
  for (const { lineId, slice } of taken) {
    const slices = byLine.get(lineId) ?? new Map<bigint, bigint>();
    byLine.set(lineId, slices);
    const block = slice.blockSequence ?? 0n;
    slices.set(block, (slices.get(block) ?? 0n) + slice.amountMicros);
    applied += slice.amountMicros;
  }
  const text = (amount: bigint): string => formatAmount(micros(amount), currency);
  return {
    document_id: documentId,
    currency,
    applied: text(applied),
    lines: [...byLine].map(([lineId, slices]) => ({
      line_id: lineId,
      applied: text([...slices.values()].reduce((sum, amount) => sum + amount, 0n)),
      slices: [...slices].map(([block, amount]) => ({
        block_id: blockId(walletNo, block),
        amount: text(amount),
      })),
    })),
  };
}
