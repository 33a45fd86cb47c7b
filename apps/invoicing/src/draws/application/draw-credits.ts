import { asksOf } from '../../billing/domain/usage-asks.js';
import type { UsageAsk } from '../../billing/domain/subscription.js';
import {
  NOTHING_HELD,
  type AppliedCredits,
  type CreditToReturn,
  type DocumentCharges,
  type DrawFacts,
  type DrawnDocument,
  type DrawPlan,
} from '../domain/draw-plan.js';
import { currenciesOf, dailyAsks, isDrawn } from '../domain/plan-draw.js';
import type { AccrualVersions, CountedUsage, CreditLedger, DrawQuestion } from './ports.js';

/** The questions to usage-metering for the days of a document. */
function daysOf(
  { subscription, fresh }: DocumentCharges,
  held: ReadonlySet<string>,
): readonly UsageAsk[] {
  if (!fresh.some((charge) => isDrawn(charge) && held.has(charge.terms.currency))) return [];
  // The others stand in the same sums: a discount or a minimum is spread over all lines.
  const asks = asksOf(
    subscription,
    fresh.filter((charge) => !charge.terms.isInAdvance),
  );
  return dailyAsks(asks, subscription.timeline.timezone);
}

/** Prepaid credit for documents. Errors: wallet-ledger's and usage-metering's unavailable and timeout. */
export class DrawCredits {
  constructor(
    private readonly ledger: CreditLedger,
    private readonly usage: CountedUsage,
    private readonly versions: AccrualVersions,
  ) {}

  async facts(document: DocumentCharges): Promise<DrawFacts> {
    const [facts] = await this.factsOfAll(document.subscription.accountId, [document]);
    return facts ?? NOTHING_HELD;
  }

  /** Of many documents of an account, in their order. Days are asked for only where credit may pay them. */
  async factsOfAll(
    accountId: string,
    documents: readonly DocumentCharges[],
  ): Promise<readonly DrawFacts[]> {
    const priced = documents.map(({ fresh, earlier }) => currenciesOf([...fresh, ...earlier]));
    const asked = documents.flatMap(({ subscription: { customerId } }, index) => {
      const currencies = priced[index] ?? [];
      return currencies.length === 0 ? [] : [{ customerId, currencies }];
    });
    if (asked.length === 0) return documents.map(() => NOTHING_HELD);
    const answers = [...(await this.ledger.held(asked))].reverse();
    const held = priced.map((currencies) =>
      currencies.length === 0 ? NOTHING_HELD.held : (answers.pop() ?? NOTHING_HELD.held),
    );
    const days = documents.map((document, index) =>
      daysOf(document, held[index] ?? NOTHING_HELD.held),
    );
    if (days.every((asks) => asks.length === 0)) {
      return held.map((each) => ({ held: each, daily: NOTHING_HELD.daily }));
    }
    const daily = await this.usage.readAll(accountId, days);
    return held.map((each, index) => ({ held: each, daily: daily[index] ?? NOTHING_HELD.daily }));
  }

  /**
   * Books what the plan says, which is pending no more; may be repeated. The document's lines were
   * written down before, so whoever is given a later version knows them.
   */
  async draw(
    { id: documentId, customerId, subscriptionId }: DrawnDocument,
    plan: DrawPlan,
  ): Promise<AppliedCredits> {
    const version = await this.versions.next();
    const replaces = subscriptionId === null ? null : { subscriptionId, version };
    return this.each(customerId, documentId, plan, (asked) => this.ledger.draw(asked, replaces));
  }

  /** The result of a draw if it were made now. */
  preview(customerId: string, documentId: string, plan: DrawPlan): Promise<AppliedCredits> {
    return this.each(customerId, documentId, plan, (question) => this.ledger.preview(question));
  }

  giveBack(credit: CreditToReturn): Promise<void> {
    return this.ledger.giveBack(credit);
  }

  private async each(
    customerId: string,
    documentId: string,
    plan: DrawPlan,
    ask: (question: DrawQuestion) => Promise<AppliedCredits>,
  ): Promise<AppliedCredits> {
    const applied = new Map<string, string>();
    for (const [currency, parts] of Object.entries(plan)) {
      if (parts.length === 0) continue;
      for (const [line, amount] of await ask({ customerId, currency, documentId, parts })) {
        applied.set(line, amount);
      }
    }
    return applied;
  }
}
