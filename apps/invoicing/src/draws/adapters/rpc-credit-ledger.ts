import {
  CREDIT_DRAWS,
  HOLDERS_MAX,
  rpcClient,
  type Client,
  type CreditsDrawn,
  type DrawCredits,
  type Transport,
} from '@orbit/contracts';
import type {
  AccrualMark,
  AccruedUsage,
  CreditHolder,
  CreditLedger,
  DrawQuestion,
} from '../application/ports.js';
import { accruedLineId, type AppliedCredits, type CreditToReturn } from '../domain/draw-plan.js';

/** Prepaid credit as wallet-ledger keeps it. Errors: unavailable, timeout. */
export class RpcCreditLedger implements CreditLedger {
  private readonly draws: Client<typeof CREDIT_DRAWS>;

  constructor(ledger: Transport) {
    this.draws = rpcClient(CREDIT_DRAWS, ledger);
  }

  async held(holders: readonly CreditHolder[]): Promise<readonly ReadonlySet<string>[]> {
    const held: ReadonlySet<string>[] = [];
    for (let from = 0; from < holders.length; from += HOLDERS_MAX) {
      const part = holders.slice(from, from + HOLDERS_MAX);
      const answer = await this.draws.held({
        holders: part.map(({ customerId: organization_id, currencies }) => ({
          ...{ organization_id, currencies },
        })),
      });
      for (const { currencies } of answer.held) held.push(new Set(currencies));
    }
    return held;
  }

  async draw(question: DrawQuestion, replaces: AccrualMark | null): Promise<AppliedCredits> {
    const request = toRequest(question);
    if (replaces === null) return toApplied(await this.draws.draw(request));
    const keys = new Set(question.parts.flatMap(({ chargeKey }) => chargeKey ?? []));
    const line_ids = [...keys].map(accruedLineId);
    const { subscriptionId: subscription_id, version } = replaces;
    const asked = { ...request, replaces: { subscription_id, version, line_ids } };
    return toApplied(await this.draws.draw(asked));
  }

  async accrue({ subscriptionId, version, ...usage }: AccruedUsage): Promise<void> {
    const { organization_id, currency, parts } = toRequest({ ...usage, documentId: '' });
    const mark = { subscription_id: subscriptionId, version };
    await this.draws.accrue({ organization_id, currency, parts, ...mark });
  }

  async holders(customerIds: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (let from = 0; from < customerIds.length; from += HOLDERS_MAX) {
      const asked = { organization_ids: customerIds.slice(from, from + HOLDERS_MAX) };
      for (const id of (await this.draws.holders(asked)).organization_ids) found.add(id);
    }
    return found;
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
