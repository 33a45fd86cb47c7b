import type { CreditsDrawn } from '@orbit/contracts';
import { invariant, newId, type Clock } from '@orbit/kernel';
import { formatAmount, micros, type Currency } from '@orbit/money';
import type { ChangeWallet } from '../../books/application/change-wallet.js';
import { CommandFault, type WalletKey } from '../../books/application/ports.js';
import { blockId } from '../../books/domain/identifiers.js';
import {
  drawDocument,
  drawReference,
  type DocumentDraw,
  type DrawPart,
} from '../domain/draw-document.js';
import type { CreditBlocks, DocumentDraws } from './credit-ports.js';

export interface DrawRequest {
  readonly key: WalletKey;
  readonly documentId: string;
  readonly parts: readonly DrawPart[];
}

/** Credit for documents, once per document. Errors: OrbitError `unavailable`, the database's own. */
export class DrawCredits {
  constructor(
    private readonly changeWallet: ChangeWallet,
    private readonly blocks: Pick<CreditBlocks, 'listNumbers'>,
    private readonly draws: DocumentDraws,
    private readonly clock: Clock,
  ) {}

  async run(request: DrawRequest): Promise<CreditsDrawn> {
    const { key, documentId, parts } = request;
    const known = await this.draws.find(documentId);
    if (known) return known;
    const wallet = await this.changeWallet.sweepLapsed(key);
    if (!wallet) return this.draws.keep(nothingDrawn(documentId, key.currency));
    const { walletNo } = wallet;
    const numbers = await this.blocks.listNumbers(walletNo);
    let answer = nothingDrawn(documentId, key.currency);
    try {
      const { isReplay } = await this.changeWallet.change(
        {
          kind: 'change',
          key,
          reference: drawReference(documentId),
          reads: { blocks: numbers },
          apply: (draft, { nowMs }) => {
            const drawn = drawDocument(draft, documentId, parts, nowMs);
            answer = answerOf(documentId, key.currency, walletNo, drawn);
            return { status: 'changed', entries: drawn.entries };
          },
          beside: () => [this.draws.write(answer)],
        },
        `draw ${newId('req', this.clock.nowMs())}`,
      );
      return isReplay ? await this.first(documentId) : answer;
    } catch (error) {
      // Another request for this document was first.
      if (error instanceof CommandFault) return this.first(documentId);
      throw error;
    }
  }

  private async first(documentId: string): Promise<CreditsDrawn> {
    const known = await this.draws.find(documentId);
    invariant(known, 'what a document drew is kept with its entries');
    return known;
  }
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
  { taken }: DocumentDraw,
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
