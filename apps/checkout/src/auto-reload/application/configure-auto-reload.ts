import {
  OrbitError,
  type AutoReloadView,
  type ConfigureAutoReload as Request,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { isIsoCurrency, ZERO_MICROS, type IsoCurrency } from '@orbit/money';
import type { AutoReloadPolicy, AutoReloadTerms } from '../../topups/domain/reload-policy.js';
import { checkAmount } from '../../topups/domain/topup.js';
import { resumedEvent } from './auto-reload-events.js';
import type { AutoReloadStore, LedgerReader } from './auto-reload-ports.js';
import { autoReloadView, NO_AUTO_RELOAD } from './auto-reload-views.js';
import type { Log } from '../../topups/application/ports.js';
import type { RunAutoReload } from './run-auto-reload.js';

/** Sets the terms of auto-reload, and shows how it stands. */
export class ConfigureAutoReload {
  constructor(
    private readonly policies: AutoReloadStore,
    private readonly autoReload: RunAutoReload,
    private readonly ledger: LedgerReader,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async read(organizationId: string): Promise<AutoReloadView> {
    const policy = await this.policies.read(organizationId);
    if (policy === null) return NO_AUTO_RELOAD;
    const nowMs = this.clock.nowMs();
    const { reloading } = await this.policies.payments(organizationId, nowMs);
    return autoReloadView(policy, reloading, nowMs);
  }

  /**
   * Stores the terms and checks the balance at once: one at or below the threshold is topped up now. Switching on
   * clears earlier declines. On a paused policy it means "go on", as `resume` does: nothing is paid before the next
   * charge.
   */
  async configure(request: Request): Promise<AutoReloadView> {
    const { organization_id: organizationId, currency } = request;
    if (!isIsoCurrency(currency)) throw notInMoney(currency);
    const place = await this.placeOf(organizationId, currency);
    const nowMs = this.clock.nowMs();
    const isOn = await this.policies.inTransaction(organizationId, async (tx) => {
      const terms = readTerms(request, currency, tx.policy);
      if (terms === null) return false;
      const policy = policyOf(organizationId, currency, terms, tx.policy, { place, nowMs });
      await tx.save(policy, nowMs);
      if (isResumed(tx.policy, terms)) await tx.addEvent(resumedEvent(policy, nowMs));
      return terms.enabled;
    });
    if (isOn) await this.look(organizationId);
    return this.read(organizationId);
  }

  /**
   * Goes on after a pause, with the terms as they are: charges from now on call for payments again. Nothing changes
   * when it is not paused. Errors: OrbitError `unavailable` while the ledger cannot say where the wallet stands.
   */
  async resume(request: { readonly organization_id: string }): Promise<AutoReloadView> {
    const { organization_id: organizationId } = request;
    const found = await this.policies.read(organizationId);
    if (found === null || !found.enabled || found.pausedReason === null)
      return this.read(organizationId);
    const place = await this.placeOf(organizationId, found.currency);
    const nowMs = this.clock.nowMs();
    await this.policies.inTransaction(organizationId, async (tx) => {
      const { policy: before } = tx;
      if (before === null || !isResumed(before, before)) return;
      const given = { place, nowMs };
      const policy = policyOf(organizationId, before.currency, before, before, given);
      await tx.save(policy, nowMs);
      await tx.addEvent(resumedEvent(policy, nowMs));
    });
    await this.look(organizationId);
    return this.read(organizationId);
  }

  /** The wallet's last entry; 0 when there is no wallet, null when the ledger does not answer. */
  private async placeOf(organizationId: string, currency: IsoCurrency): Promise<bigint | null> {
    try {
      const query = { threshold: ZERO_MICROS, afterSequence: 0n, fromMs: 0 };
      return (await this.ledger.readMovements(organizationId, currency, query))?.sequence ?? 0n;
    } catch (error) {
      if (error instanceof OrbitError && error.retryable) return null;
      throw error;
    }
  }

  /** The terms are stored either way, and the policy is due: what fails here is tried again in the background. */
  private async look(organizationId: string): Promise<void> {
    try {
      await this.autoReload.evaluate(organizationId);
    } catch (err) {
      this.log.warn({ organization_id: organizationId, err }, 'auto-reload: looked at later');
    }
  }
}

function policyOf(
  organizationId: string,
  currency: IsoCurrency,
  terms: AutoReloadTerms,
  before: AutoReloadPolicy | null,
  { place, nowMs }: { readonly place: bigint | null; readonly nowMs: number },
): AutoReloadPolicy {
  const isSwitchedOn = terms.enabled && before?.enabled !== true;
  const goesOn = isResumed(before, terms);
  const history =
    before === null || isSwitchedOn || goesOn
      ? { declineCount: 0, lastError: null, lastErrorAtMs: null, notBeforeMs: null }
      : before;
  if (goesOn && place === null) {
    const message = 'The ledger does not say where the wallet stands; try again.';
    throw new OrbitError('unavailable', message, { retryAfterSeconds: 1 });
  }
  // Whoever saves a policy that runs has not judged what was taken a moment ago: that is still to be looked at.
  const isKept = before?.currency === currency && !isSwitchedOn && !goesOn;
  const isPaused = !terms.enabled && before !== null;
  return {
    ...termsOf(terms),
    organizationId,
    currency,
    declineCount: history.declineCount,
    lastError: history.lastError,
    lastErrorAtMs: history.lastErrorAtMs,
    notBeforeMs: history.notBeforeMs,
    // Somebody has decided: it is off because of that now, not because of declines.
    disabledReason: null,
    cappedUntilMs: null,
    nextCheckAtMs: nowMs,
    isFresh: terms.enabled && !goesOn,
    pausedReason: isPaused ? before.pausedReason : null,
    pausedAtMs: isPaused ? before.pausedAtMs : null,
    pausedReference: isPaused ? before.pausedReference : null,
    judgedSequence: isKept ? before.judgedSequence : place,
    judgedFromMs: isKept ? before.judgedFromMs : nowMs,
    armsAfterSequence: goesOn ? (place ?? 0n) : isKept ? before.armsAfterSequence : 0n,
    isPushed: !terms.enabled,
    version: before?.version ?? 0n,
    createdAtMs: before?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
  };
}

/** It is paused, also if it was switched off since, and shall run. */
const isResumed = (before: AutoReloadPolicy | null, terms: AutoReloadTerms): boolean =>
  terms.enabled && before !== null && before.pausedReason !== null;

/** The terms alone, of terms or of a policy. */
function termsOf(terms: AutoReloadTerms): AutoReloadTerms {
  const { enabled, thresholdMinor, amountMinor, targetMinor, paymentMinorMax } = terms;
  const { dayCountMax, monthCountMax, dayMinorMax, monthMinorMax } = terms;
  const caps = { paymentMinorMax, dayCountMax, monthCountMax, dayMinorMax, monthMinorMax };
  return { enabled, thresholdMinor, amountMinor, targetMinor, ...caps };
}

/** Null: it was never configured and is to be off, so there is nothing to store. */
function readTerms(
  request: Request,
  currency: IsoCurrency,
  before: AutoReloadTerms | null,
): AutoReloadTerms | null {
  const { enabled } = request;
  const threshold = minorOf(request.threshold) ?? before?.thresholdMinor;
  const amount = payableOf(request.amount, 'amount', currency) ?? before?.amountMinor;
  if (threshold === undefined || amount === undefined) {
    if (!enabled && request.threshold === undefined && request.amount === undefined) return null;
    const param = threshold === undefined ? 'threshold' : 'amount';
    throw fault(param, `${param} is needed: a whole number of minor units.`);
  }
  const terms: AutoReloadTerms = {
    enabled,
    thresholdMinor: threshold,
    amountMinor: amount,
    targetMinor: kept(minorOf(request.target), before?.targetMinor),
    paymentMinorMax: kept(
      payableOf(request.max_amount_per_payment, 'max_amount_per_payment', currency),
      before?.paymentMinorMax,
    ),
    dayCountMax: kept(request.max_reloads_per_day, before?.dayCountMax),
    monthCountMax: kept(request.max_reloads_per_month, before?.monthCountMax),
    dayMinorMax: kept(minorOf(request.max_amount_per_day), before?.dayMinorMax),
    monthMinorMax: kept(minorOf(request.max_amount_per_month), before?.monthMinorMax),
  };
  checkTogether(terms);
  return terms;
}

function checkTogether(terms: AutoReloadTerms): void {
  const { thresholdMinor, amountMinor, targetMinor, dayMinorMax, monthMinorMax } = terms;
  const { paymentMinorMax } = terms;
  if (targetMinor !== null && targetMinor <= thresholdMinor)
    throw fault('target', 'target is above the threshold.');
  if (paymentMinorMax !== null && targetMinor === null && paymentMinorMax < amountMinor) {
    const message = 'max_amount_per_payment is at least the amount, which is one step.';
    throw fault('max_amount_per_payment', message);
  }
  // With a target a payment may be smaller than the amount; in steps it never is.
  const least = targetMinor === null ? amountMinor : 1n;
  const caps = { max_amount_per_day: dayMinorMax, max_amount_per_month: monthMinorMax };
  for (const [param, cap] of Object.entries(caps)) {
    if (cap !== null && cap < least) throw fault(param, `${param} leaves room for one reload.`);
  }
}

/** Undefined: not said. */
function minorOf<V extends number | null | undefined>(value: V) {
  return (value == null ? value : BigInt(value)) as Exclude<V, number> | bigint;
}

/** An amount that is paid in one payment: the currency has a least one. */
function payableOf<V extends number | null | undefined>(
  value: V,
  param: string,
  currency: IsoCurrency,
) {
  if (value != null) {
    const check = checkAmount(value, currency);
    if (!check.ok) {
      throw fault(param, param === 'amount' ? check.message : `${param}: ${check.message}`);
    }
  }
  return minorOf(value);
}

/** A field that is not given keeps its value; null removes it. */
const kept = <T>(said: T | null | undefined, before: T | null | undefined): T | null =>
  said === undefined ? (before ?? null) : said;

const fault = (param: string, message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param });

/** Its terms are minor units of one currency, of the balance as of the payment: thresholds in units have none. */
function notInMoney(unit: unknown): OrbitError {
  const message =
    `Auto-reload is for wallets in money, and this one counts ${String(unit)}. ` +
    'Watch GET balance, and buy by the saved payment method with POST credits/topup.';
  return new OrbitError('unsupported_currency', message, { param: 'currency' });
}
