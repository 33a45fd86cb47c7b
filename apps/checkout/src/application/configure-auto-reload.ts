import {
  OrbitError,
  type AutoReloadView,
  type ConfigureAutoReload as Request,
} from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import { isIsoCurrency, type IsoCurrency } from '@orbit/money';
import type { AutoReloadPolicy, AutoReloadTerms } from '../domain/auto-reload.js';
import { checkAmount, AMOUNT_MINOR_MAX } from '../domain/topup.js';
import type { AutoReloadStore } from './auto-reload-ports.js';
import { autoReloadView, NO_AUTO_RELOAD } from './auto-reload-views.js';
import type { Log } from './ports.js';
import type { RunAutoReload } from './run-auto-reload.js';
import { readOrganization } from './topup-order.js';

const COUNT_MAX = 10_000;

/** Sets the terms of auto-reload, and shows how it stands. */
export class ConfigureAutoReload {
  constructor(
    private readonly policies: AutoReloadStore,
    private readonly autoReload: RunAutoReload,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async read(organizationId: string): Promise<AutoReloadView> {
    const policy = await this.policies.read(readOrganization(organizationId));
    if (policy === null) return NO_AUTO_RELOAD;
    const nowMs = this.clock.nowMs();
    const { reloading } = await this.policies.payments(organizationId, nowMs);
    return autoReloadView(policy, reloading, nowMs);
  }

  /**
   * Stores the terms and looks at the balance at once: one that is at or below the threshold is topped up now.
   * Switching on forgets the declines of before.
   */
  async configure(request: Request): Promise<AutoReloadView> {
    const organizationId = readOrganization(request.organization_id);
    const { currency } = request;
    if (!isIsoCurrency(currency)) throw notInMoney(currency);
    const nowMs = this.clock.nowMs();
    const isOn = await this.policies.inTransaction(organizationId, async (tx) => {
      const terms = readTerms(request, currency, tx.policy);
      if (terms === null) return false;
      await tx.save(policyOf(organizationId, currency, terms, tx.policy, nowMs), nowMs);
      return terms.enabled;
    });
    if (isOn) await this.look(organizationId);
    return this.read(organizationId);
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
  nowMs: number,
): AutoReloadPolicy {
  const isSwitchedOn = terms.enabled && before?.enabled !== true;
  const history =
    before === null || isSwitchedOn
      ? { declineCount: 0, lastError: null, lastErrorAtMs: null, notBeforeMs: null }
      : before;
  return {
    ...terms,
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
    isFresh: terms.enabled,
    isPushed: !terms.enabled,
    version: before?.version ?? 0n,
    createdAtMs: before?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
  };
}

/** Null: it was never configured and is to be off, so there is nothing to store. */
function readTerms(
  request: Request,
  currency: IsoCurrency,
  before: AutoReloadTerms | null,
): AutoReloadTerms | null {
  const { enabled } = request;
  if (typeof enabled !== 'boolean') throw fault('enabled', 'enabled is true or false.');
  const threshold = minorOf(request.threshold, 'threshold', 0) ?? before?.thresholdMinor;
  const amount = amountOf(request.amount, currency) ?? before?.amountMinor;
  if (threshold === undefined || amount === undefined) {
    if (!enabled && request.threshold === undefined && request.amount === undefined) return null;
    const param = threshold === undefined ? 'threshold' : 'amount';
    throw fault(param, `${param} is needed: a whole number of minor units.`);
  }
  const terms: AutoReloadTerms = {
    enabled,
    thresholdMinor: threshold,
    amountMinor: amount,
    targetMinor: limit(request.target, 'target', before?.targetMinor),
    dayCountMax: count(request.max_reloads_per_day, 'max_reloads_per_day', before?.dayCountMax),
    monthCountMax: count(
      request.max_reloads_per_month,
      'max_reloads_per_month',
      before?.monthCountMax,
    ),
    dayMinorMax: cap(request.max_amount_per_day, 'max_amount_per_day', before?.dayMinorMax),
    monthMinorMax: cap(request.max_amount_per_month, 'max_amount_per_month', before?.monthMinorMax),
  };
  checkTogether(terms);
  return terms;
}

function checkTogether(terms: AutoReloadTerms): void {
  const { thresholdMinor, amountMinor, targetMinor, dayMinorMax, monthMinorMax } = terms;
  if (targetMinor !== null && targetMinor <= thresholdMinor)
    throw fault('target', 'target is above the threshold.');
  // With a target a payment may be smaller than the amount; in steps it never is.
  const least = targetMinor === null ? amountMinor : 1n;
  const caps = { max_amount_per_day: dayMinorMax, max_amount_per_month: monthMinorMax };
  for (const [param, cap] of Object.entries(caps)) {
    if (cap !== null && cap < least) throw fault(param, `${param} leaves room for one reload.`);
  }
}

function amountOf(value: unknown, currency: IsoCurrency): bigint | undefined {
  if (value === undefined) return undefined;
  const check = checkAmount(value, currency);
  if (check.ok) return check.amountMinor;
  throw fault('amount', check.message);
}

function minorOf(
  value: unknown,
  param: string,
  least: number,
  most = AMOUNT_MINOR_MAX,
): bigint | undefined {
  if (value === undefined) return undefined;
  const isInRange = Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
  if (isInRange) return BigInt(Number(value));
  const range = `${least} to ${most}`;
  throw fault(param, `${param} is a whole number of minor units, ${range}.`);
}

function limit(value: unknown, param: string, before: bigint | null | undefined): bigint | null {
  if (value === null) return null;
  return minorOf(value, param, 1) ?? before ?? null;
}

/** Of several payments together: more than one may be. */
function cap(value: unknown, param: string, before: bigint | null | undefined): bigint | null {
  if (value === null) return null;
  return minorOf(value, param, 1, Number.MAX_SAFE_INTEGER) ?? before ?? null;
}

function count(value: unknown, param: string, before: number | null | undefined): number | null {
  if (value === null) return null;
  if (value === undefined) return before ?? null;
  const isInRange = Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= COUNT_MAX;
  if (isInRange) return Number(value);
  throw fault(param, `${param} is a whole number, 1 to ${COUNT_MAX}.`);
}

const fault = (param: string, message: string): OrbitError =>
  new OrbitError('invalid_field', message, { param });

/** Its terms are minor units of one currency, of the balance as of the payment: thresholds in units have none. */
function notInMoney(unit: unknown): OrbitError {
  const message =
    `Auto-reload is for wallets in money, and this one counts ${String(unit)}. ` +
    'Watch GET balance, and buy by the saved payment method with POST credits/topup.';
  return new OrbitError('unsupported_currency', message, { param: 'currency' });
}
