import { newId, type Clock } from '@orbit/kernel';
import { microsFromMinor } from '@orbit/money';
import {
  decideReload,
  reloadNeed,
  type ReloadDecision,
  type ReloadFacts,
} from '../domain/auto-reload.js';
import {
  afterReload,
  IN_FLIGHT_CHECK_MS,
  type AutoReloadPolicy,
} from '../../topups/domain/reload-policy.js';
import { nextCheckAtMs } from '../../topups/domain/decide-topup.js';
import type { TopUp } from '../../topups/domain/topup.js';
import { limitedEvent, pausedEvent } from './auto-reload-events.js';
import type {
  AutoReloadStore,
  LedgerReader,
  Movements,
  ReloadPayments,
  ReloadTransaction,
} from './auto-reload-ports.js';
import type { ChargeSavedMethod } from '../../topups/application/charge-saved.js';
import type { CustomerDirectory } from '../../topups/application/customer-directory.js';
import type { SavedPayments } from '../../topups/application/payment-ports.js';
import type { Log } from '../../topups/application/ports.js';
import { newTopUp } from '../../topups/application/topup-order.js';

/** How many policies one round looks at. */
const BATCH_SIZE = 50;
/** A policy that a crashed instance has taken comes up again after this long. */
const RETRY_MS = 30_000;
/** Decisions made again because something changed meanwhile; beyond it the next round decides. */
const ROUNDS_MAX = 5;
/** The clocks of the ledger and of this service may differ by this much. */
const CLOCK_SKEW_MS = 300_000;

/**
 * Tops wallets up by themselves. Events only say "look"; what is decided comes from the ledger's balance, from why
 * it fell, and from our own payments, under the policy's lock and only if nothing changed since these were read. So
 * however many events, instances and crashes there are, one crossing makes one payment, and what was taken back none.
 */
export class RunAutoReload {
  constructor(
    private readonly policies: AutoReloadStore,
    private readonly ledger: LedgerReader,
    private readonly customers: CustomerDirectory,
    private readonly payments: SavedPayments,
    private readonly charge: ChargeSavedMethod,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly limits: { readonly retrySpacingMs: number; readonly returnUrl: string },
  ) {}

  /** Marks organizations whose balance may have changed. The mark is stored, so a crash loses nothing. */
  async markDue(organizationIds: readonly string[]): Promise<void> {
    await this.policies.markDue(organizationIds, this.clock.nowMs());
  }

  /** One round over what is due; several instances may run it at once. */
  async run(): Promise<number> {
    const nowMs = this.clock.nowMs();
    const due = await this.policies.takeDue(nowMs, nowMs + RETRY_MS, BATCH_SIZE);
    for (const organizationId of due) {
      try {
        await this.evaluate(organizationId);
      } catch (err) {
        // It stays due: the taken check comes again.
        this.log.warn({ organization_id: organizationId, err }, 'auto-reload: tried again later');
      }
    }
    return due.length;
  }

  /** Looks at one organization and pays, or says when to look again. */
  async evaluate(organizationId: string): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const policy = await this.policies.read(organizationId);
      if (policy === null || !policy.enabled || policy.pausedReason !== null) return;
      await this.push(policy);
      if (await this.noteBooked(policy)) continue;
      const outcome = await this.decide(policy);
      if (outcome === 'changed') continue;
      if (outcome !== null) await this.charge.run(outcome);
      return;
    }
  }

  /** The attempt to carry out; null when there is none, `changed` when the decision is to be made again. */
  private async decide(policy: AutoReloadPolicy): Promise<TopUp | 'changed' | null> {
    const { organizationId } = policy;
    // Payments before the balance: what is booked in between counts twice for a moment, never not at all.
    const seen = await this.policies.payments(organizationId, this.clock.nowMs());
    const moved = await this.ledger.readMovements(organizationId, policy.currency, {
      threshold: microsFromMinor(policy.thresholdMinor, policy.currency),
      afterSequence: policy.judgedSequence,
      fromMs: policy.judgedFromMs,
    });
    if (moved === null) return null;
    const nowMs = this.clock.nowMs();
    const first = decideReload(policy, factsOf(seen, moved), nowMs);
    if (first.kind === 'pause') return this.pause(policy, first, moved);
    if (first.kind === 'wait') return this.wait(policy, first, seen, moved);
    const methodId = await this.defaultMethod(organizationId);
    return this.policies.inTransaction(organizationId, async (tx) => {
      const { policy: current } = tx;
      if (current === null || current.version !== policy.version) return 'changed';
      const facts = factsOf(await tx.payments(nowMs), moved);
      const decision = decideReload(current, facts, nowMs);
      if (decision.kind !== 'charge') return 'changed';
      if (methodId === null) {
        const failed = { kind: 'failed', reason: 'payment_method_required' } as const;
        const after = afterReload(current, failed, nowMs, this.limits.retrySpacingMs);
        await tx.save({ ...after.policy, judgedSequence: moved.sequence }, nowMs);
        if (after.isDisabled) await tx.disabled(after.policy, nowMs);
        return null;
      }
      const attempt = this.attemptOf(current, decision.amountMinor, methodId, nowMs);
      await tx.insert(attempt, nextCheckAtMs({ ...attempt, sessionExpiresAtMs: null }, nowMs));
      await this.reportLimit(tx, current, facts, nowMs);
      const started = {
        cappedUntilMs: null,
        nextCheckAtMs: nowMs + IN_FLIGHT_CHECK_MS,
        judgedSequence: moved.sequence,
      };
      await tx.save({ ...current, ...started }, nowMs);
      return attempt;
    });
  }

  private async wait(
    policy: AutoReloadPolicy,
    { why, untilMs }: ReloadDecision & { kind: 'wait' },
    seen: ReloadPayments,
    moved: Movements,
  ): Promise<null> {
    const { reloading } = seen;
    const { organizationId, nextCheckAtMs: sinceMs } = policy;
    if (policy.isFresh && why === 'enough') await this.endFirstLook(policy);
    if (reloading !== null) await this.charge.recover(reloading);
    const isCapped = why === 'capped';
    if (isCapped) {
      await this.policies.inTransaction(organizationId, (tx) =>
        this.reportLimit(tx, policy, factsOf(seen, moved), this.clock.nowMs()),
      );
    }
    await this.policies.schedule(organizationId, sinceMs, {
      nextCheckAtMs: untilMs,
      cappedUntilMs: isCapped ? untilMs : null,
      judgedSequence: moved.sequence,
    });
    return null;
  }

  /**
   * Pauses the policy because money was taken back. Published once; a payment that Stripe carries out already goes
   * on, its owner is not asked for anything, and no new payment starts.
   */
  private async pause(
    policy: AutoReloadPolicy,
    taken: NonNullable<ReloadFacts['taken']>,
    { sequence }: Movements,
  ): Promise<'changed' | null> {
    const { organizationId } = policy;
    const { reason, reference } = taken;
    const nowMs = this.clock.nowMs();
    const isPaused = await this.policies.inTransaction(organizationId, async (tx) => {
      const { policy: current } = tx;
      if (current === null || current.version !== policy.version) return false;
      const paused = { pausedReason: reason, pausedAtMs: nowMs, pausedReference: reference };
      await tx.save(
        { ...current, ...paused, isFresh: false, cappedUntilMs: null, judgedSequence: sequence },
        nowMs,
      );
      await tx.addEvent(pausedEvent(current, taken, nowMs));
      return true;
    });
    if (!isPaused) return 'changed';
    this.log.warn(
      { organization_id: organizationId, reason, reference },
      'auto-reload is paused: money was taken back from the wallet',
    );
    // Nobody has paid it yet, and nobody shall. If this fails, or dies, the sweep of top-ups does it.
    const { reloading } = await this.policies.payments(organizationId, nowMs);
    if (reloading?.state === 'requires_action') await this.charge.recover(reloading);
    return null;
  }

  /** A ceiling cuts what would close the gap: somebody should know. */
  private async reportLimit(
    tx: ReloadTransaction,
    policy: AutoReloadPolicy,
    facts: ReloadFacts,
    nowMs: number,
  ): Promise<void> {
    const need = reloadNeed(policy, facts);
    if (need.ceiling === null) return;
    const event = limitedEvent(policy, need.ceiling, need, facts, nowMs);
    await tx.addEvent(event);
    this.log.warn(
      { ...event.value },
      'auto-reload: a ceiling leaves less than would close the gap',
    );
  }

  /** The first look found enough: from now on only a balance below the threshold counts. */
  private async endFirstLook(policy: AutoReloadPolicy): Promise<void> {
    await this.policies.inTransaction(policy.organizationId, async (tx) => {
      const { policy: current } = tx;
      if (current === null || current.version !== policy.version) return;
      await tx.save({ ...current, isFresh: false }, this.clock.nowMs());
    });
  }

  private attemptOf(
    policy: AutoReloadPolicy,
    amountMinor: bigint,
    paymentMethodId: string,
    nowMs: number,
  ): TopUp {
    const { organizationId, currency } = policy;
    const { returnUrl } = this.limits;
    return newTopUp(
      {
        organizationId,
        currency,
        amountMinor,
        paymentCurrency: currency,
        asked: { amount: amountMinor.toString(), currency },
        amountMicros: microsFromMinor(amountMinor, currency),
        idempotencyKey: newId('ar', nowMs),
        kind: 'auto_reload',
        successUrl: returnUrl,
        cancelUrl: returnUrl,
        paymentMethodId,
      },
      nowMs,
    );
  }

  private async defaultMethod(organizationId: string): Promise<string | null> {
    const customerId = await this.customers.find(organizationId);
    if (customerId === null) return null;
    const methods = await this.payments.listMethods(customerId);
    return methods.find((method) => method.isDefault)?.id ?? null;
  }

  /**
   * Sends the threshold to the ledger, so that its events come at this balance; repeated at every check until it is
   * stored there.
   */
  private async push(policy: AutoReloadPolicy): Promise<void> {
    if (policy.isPushed) return;
    const { organizationId, currency, thresholdMinor, version } = policy;
    try {
      const threshold = microsFromMinor(thresholdMinor, currency);
      await this.ledger.setLowBalance(organizationId, currency, threshold);
      await this.policies.markPushed(organizationId, version);
    } catch (err) {
      this.log.warn(
        { organization_id: organizationId, err },
        'the ledger has not the threshold yet',
      );
    }
  }

  /** Whether payments were found in the ledger that were counted as under way. */
  private async noteBooked({ organizationId, currency }: AutoReloadPolicy): Promise<boolean> {
    const unbooked = await this.policies.unbooked(organizationId);
    if (unbooked.length === 0) return false;
    const fromMs = Math.min(...unbooked.map((one) => one.paidAtMs)) - CLOCK_SKEW_MS;
    const known = await this.ledger.listTopUpReferences(organizationId, currency, fromMs);
    const booked = unbooked.filter((one) => known.has(one.reference)).map((one) => one.topupId);
    if (booked.length === 0) return false;
    await this.policies.markBooked(organizationId, booked, this.clock.nowMs());
    return true;
  }
}

const factsOf = (
  made: ReloadPayments,
  { balanceMicros, spentSequence, taken }: Movements,
): ReloadFacts => ({
  balanceMicros,
  spentSequence,
  taken,
  inFlightMinor: made.inFlightMinor,
  usage: made.usage,
  isReloading: made.reloading !== null,
});
