import {
  CREDIT_DRAWS_RPC,
  type CreditReturned,
  type CreditsDrawn,
  type CreditsHeld,
  type DrawCredits,
  type HeldCredits,
  type ReturnCredit,
} from '@orbit/contracts';
import type { RpcClient } from '@orbit/runtime';
import type { CreditLedger, DrawQuestion } from '../application/ports.js';
import type { AppliedCredits, CreditToReturn } from '../domain/draw-plan.js';

/** Prepaid credit as wallet-ledger keeps it. Errors: unavailable, timeout. */
export class RpcCreditLedger implements CreditLedger {
  constructor(private readonly ledger: Pick<RpcClient, 'call'>) {}

  async held(customerId: string, currencies: readonly string[]): Promise<ReadonlySet<string>> {
    const question: HeldCredits = { organization_id: customerId, currencies };
    const answer = await this.ledger.call<CreditsHeld>(CREDIT_DRAWS_RPC.held, question);
    return new Set(answer.currencies);
  }

  draw(question: DrawQuestion): Promise<AppliedCredits> {
    return this.ask(CREDIT_DRAWS_RPC.draw, question);
  }

  preview(question: DrawQuestion): Promise<AppliedCredits> {
    return this.ask(CREDIT_DRAWS_RPC.preview, question);
  }

  async giveBack(credit: CreditToReturn): Promise<void> {
    const request: ReturnCredit = {
      organization_id: credit.customerId,
      currency: credit.currency,
      return_id: credit.id,
      document_id: credit.documentId,
      line_id: credit.lineId,
      amount: credit.amount,
    };
    await this.ledger.call<CreditReturned>(CREDIT_DRAWS_RPC.giveBack, request);
  }

  private async ask(
    pattern: string,
    { customerId, currency, documentId, parts }: DrawQuestion,
  ): Promise<AppliedCredits> {
    const request: DrawCredits = {
      organization_id: customerId,
      ...{ currency, document_id: documentId },
      parts: parts.map(({ lineId, priceId, amount, usedAtMs }) => ({
        ...{ line_id: lineId, price_id: priceId, amount },
        used_at: new Date(usedAtMs).toISOString(),
      })),
    };
    const drawn = await this.ledger.call<CreditsDrawn>(pattern, request);
    return new Map(drawn.lines.map(({ line_id, applied }) => [line_id, applied]));
  }
}
