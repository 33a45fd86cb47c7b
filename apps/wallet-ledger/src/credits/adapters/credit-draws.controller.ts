import { Controller } from '@nestjs/common';
import {
  CREDIT_DRAWS,
  type AccrueCredits,
  type CreditHolders,
  type CreditDrawPart,
  type CreditReturned,
  type CreditsDrawn,
  type CreditsHeld,
  type DrawCredits as DrawCreditsRequest,
  type HeldCredits,
  type ReturnCredit,
} from '@orbit/contracts';
import { requireAmount } from '@orbit/money';
import { Handles } from '@orbit/runtime';
import { toKey } from '../../books/adapters/requests.js';
import { DrawCredits, type DrawRequest } from '../application/draw-credits.js';
import { KeepPending } from '../application/pending-usage.js';
import type { DrawPart } from '../domain/draw-document.js';

/** Credit that documents draw, over Nest TCP. */
@Controller()
export class CreditDrawsController {
  constructor(
    private readonly drawCredits: DrawCredits,
    private readonly keepPending: KeepPending,
  ) {}

  @Handles(CREDIT_DRAWS.draw)
  async draw(request: DrawCreditsRequest): Promise<CreditsDrawn> {
    return this.drawCredits.run(toRequest(request));
  }

  @Handles(CREDIT_DRAWS.preview)
  async preview(request: DrawCreditsRequest): Promise<CreditsDrawn> {
    return this.drawCredits.preview(toRequest(request));
  }

  @Handles(CREDIT_DRAWS.accrue)
  async accrue(request: AccrueCredits): Promise<null> {
    await this.keepPending.report(toKey(request), {
      subscriptionId: request.subscription_id,
      version: BigInt(request.version),
      parts: request.parts.map(toPart),
    });
    return null;
  }

  @Handles(CREDIT_DRAWS.holders)
  async holders({ organization_ids: ids }: CreditHolders): Promise<CreditHolders> {
    return { organization_ids: await this.drawCredits.holders(ids) };
  }

  @Handles(CREDIT_DRAWS.held)
  async held({ holders }: HeldCredits): Promise<CreditsHeld> {
    const asked = holders.map(({ organization_id, currencies }) => ({
      organizationId: organization_id,
      currencies,
    }));
    const held = await this.drawCredits.held(asked);
    return { held: held.map((currencies) => ({ currencies })) };
  }

  @Handles(CREDIT_DRAWS.giveBack)
  async giveBack(request: ReturnCredit): Promise<CreditReturned> {
    return this.drawCredits.giveBack(toKey(request), {
      returnId: request.return_id,
      documentId: request.document_id,
      lineId: request.line_id,
      amountMicros: requireAmount(request.amount),
    });
  }
}

const toRequest = (request: DrawCreditsRequest): DrawRequest => ({
  key: toKey(request),
  documentId: request.document_id,
  parts: request.parts.map(toPart),
  replaces: request.replaces
    ? {
        subscriptionId: request.replaces.subscription_id,
        version: BigInt(request.replaces.version),
        lineIds: request.replaces.line_ids,
      }
    : null,
});

const toPart = ({ line_id, price_id, amount, used_at }: CreditDrawPart): DrawPart => ({
  lineId: line_id,
  priceId: price_id,
  amountMicros: requireAmount(amount),
  usedAtMs: Date.parse(used_at),
});
