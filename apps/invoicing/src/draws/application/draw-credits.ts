import { asksOf } from '../../billing/domain/usage-asks.js';
import type { Subscription } from '../../billing/domain/subscription.js';
import type { Charge } from '../../timeline/domain/charges.js';
import {
  NOTHING_HELD,
  type AppliedCredits,
  type CreditToReturn,
  type DrawFacts,
  type DrawnDocument,
  type DrawPlan,
} from '../domain/draw-plan.js';
import { currenciesOf, dailyAsks, isDrawn } from '../domain/plan-draw.js';
import type { AccrualVersions, CountedUsage, CreditLedger, DrawQuestion } from './ports.js';

/** Prepaid credit for documents. Errors: wallet-ledger's and usage-metering's unavailable and timeout. */
export class DrawCredits {
  constructor(
    private readonly ledger: CreditLedger,
    private readonly usage: CountedUsage,
    private readonly versions: AccrualVersions,
  ) {}

  /** `fresh`, `earlier`: charges of a document. Days are asked for only where credit may pay them. */
  async facts(
    subscription: Subscription,
    fresh: readonly Charge[],
    earlier: readonly Charge[],
  ): Promise<DrawFacts> {
    const currencies = currenciesOf([...fresh, ...earlier]);
    if (currencies.length === 0) return NOTHING_HELD;
    const held = await this.ledger.held(subscription.customerId, currencies);
    if (held.size === 0) return NOTHING_HELD;
    // The others stand in the same sums: a discount or a minimum is spread over all lines.
    const asks = asksOf(
      subscription,
      fresh.filter((charge) => !charge.terms.isInAdvance),
    );
    const isAsked = fresh.some((charge) => isDrawn(charge) && held.has(charge.terms.currency));
    const daily = isAsked
      ? await this.usage.read(
          subscription.accountId,
          dailyAsks(asks, subscription.timeline.timezone),
        )
      : new Map();
    return { held, daily };
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
