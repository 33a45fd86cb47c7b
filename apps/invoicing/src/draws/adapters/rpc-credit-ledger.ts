import {
  CREDIT_DRAWS,
  rpcClient,
  type Client,
  type CreditsDrawn,
  type DrawCredits,
  type Transport,
} from '@orbit/contracts';
import type { CreditLedger, DrawQuestion } from '../application/ports.js';
import type { AppliedCredits, CreditToReturn } from '../domain/draw-plan.js';

/** Prepaid credit as wallet-ledger keeps it. Errors: unavailable, timeout. */
export class RpcCreditLedger implements CreditLedger {
  private readonly draws: Client<typeof CREDIT_DRAWS>;

  constructor(ledger: Transport) {
    this.draws = rpcClient(CREDIT_DRAWS, ledger);
  }

  async held(customerId: string, currencies: readonly string[]): Promise<ReadonlySet<string>> {
    const answer = await this.draws.held({ organization_id: customerId, currencies });
    return new Set(answer.currencies);
  }

  async draw(question: DrawQuestion): Promise<AppliedCredits> {
    return toApplied(await this.draws.draw(toRequest(question)));
  }

  async preview(question: DrawQuestion): Promise<AppliedCredits> {
    return toApplied(await this.draws.preview(toRequest(question)));
  }

  async giveBack(credit: CreditToReturn): Promise<void> {
    await this.draws.giveBack({
      organization_id: credit.customerId,
      currency: credit.currency,
      return_id: credit.id,
      document_id: credit.documentId,
      line_id: credit.lineId,
      amount: credit.amount,
    });
  }
}

const toRequest = ({ customerId, currency, documentId, parts }: DrawQuestion): DrawCredits => ({
  organization_id: customerId,
  ...{ currency, document_id: documentId },
  parts: parts.map(({ lineId, priceId, amount, usedAtMs }) => ({
    ...{ line_id: lineId, price_id: priceId, amount },
    used_at: new Date(usedAtMs).toISOString(),
  })),
});

const toApplied = ({ lines }: CreditsDrawn): AppliedCredits =>
  new Map(lines.map(({ line_id, applied }) => [line_id, applied]));
