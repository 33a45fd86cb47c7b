import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock, Clock } from '@orbit/kernel';
import { answered, invalid, notFound, refused } from '@orbit/orb-api';
import { fingerprintOf } from '../domain/fingerprint.js';
import type { UsageProperties } from '../domain/usage-event.js';
import { correctableFromMs } from '../domain/correction-window.js';
import type {
  BillingPeriods,
  CorrectionKind,
  CorrectionTransaction,
  EventsCorrector,
  InFlight,
  RegisteredEvent,
} from './ports.js';

/** Corrections of a kind, per customer, in so many days. */
const CORRECTIONS_MAX = 100;
const CORRECTION_DAYS = 100;
const DAY_MS = 86_400_000;

/** When it is made, and from when on events may be corrected; null: always. */
interface CorrectionTime {
  readonly nowMs: number;
  readonly fromMs: number | null;
}

/** Returns a refusal, or null when it is done. */
type Correction = (
  tx: CorrectionTransaction,
  old: RegisteredEvent,
  time: CorrectionTime,
) => Promise<OrbAnswer | null>;

/**
 * Amends and deprecates single events: the version that counted stays as it was and does not count any more. Both may
 * be repeated. Errors: the database's own; refusals are answers, and leave everything as it was.
 */
export class CorrectEvents {
  constructor(
    private readonly corrector: EventsCorrector,
    private readonly inFlight: InFlight,
    private readonly accountClock: AccountClock,
    private readonly clock: Clock,
    private readonly periods: BillingPeriods,
  ) {}

  /** The body's customer was found by the gateway, and its event read. */
  amend(call: OrbCall): Promise<OrbAnswer> {
    return this.correct(call, 'amend', async (tx, old, time) => {
      const { event } = old;
      const fault = faultOf(call, old);
      if (fault !== null) return invalid(fault);
      const eventName = String(call.body['event_name']);
      const properties = call.body['properties'] as UsageProperties;
      const fingerprint = fingerprintOf({ ...event, eventName, properties });
      if (fingerprint === event.fingerprint) return null;
      const limit = await limitOf(tx, old, 'amend', time);
      if (limit) return limit;
      const changed = { eventName, properties, fingerprint, ingestedAtMs: this.clock.nowMs() };
      await tx.replace(old, { ...event, ...changed, version: event.version + 1 }, time.nowMs);
      return null;
    });
  }

  deprecate(call: OrbCall): Promise<OrbAnswer> {
    return this.correct(call, 'deprecate', async (tx, old, time) => {
      const limit = await limitOf(tx, old, 'deprecate', time);
      if (!limit) await tx.deprecate(old, time.nowMs);
      return limit;
    });
  }

  private async correct(
    call: OrbCall,
    kind: CorrectionKind,
    correction: Correction,
  ): Promise<OrbAnswer> {
    const key = call.path['event_id'] ?? '';
    const nowMs = await this.accountClock.nowMs(call.account.id);
    const done = answered(200, kind === 'amend' ? { amended: key } : { deprecated: key });
    const found = await this.find(call.account.id, key);
    if (!found) return refused(notFound('event', key));
    // Asked before the transaction that changes: no lock waits for another service.
    const { customerId } = found.event;
    const periods = customerId === null ? [] : await this.periods.current(call.account, customerId);
    const time = { nowMs, fromMs: correctableFromMs(periods, nowMs) };
    return this.corrector.inTransaction(async (tx) => {
      const old = await tx.lock(call.account.id, key);
      if (!old) return refused(notFound('event', key));
      if (old.isDeprecated && kind === 'deprecate') return done;
      return refusalOf(old, kind) ?? (await correction(tx, old, time)) ?? done;
    });
  }

  private async find(accountId: string, key: string): Promise<RegisteredEvent | null> {
    const look = () => this.corrector.inTransaction((tx) => tx.lock(accountId, key));
    const found = await look();
    if (found) return found;
    // It may have been accepted a moment ago.
    await this.inFlight.arrived();
    return look();
  }
}

/** Fields that an amendment may not change. */
function faultOf({ body, customer }: OrbCall, { event }: RegisteredEvent): string | null {
  if (Date.parse(String(body['timestamp'])) !== event.timestampMs) {
    return `timestamp must be the one of the event, ${new Date(event.timestampMs).toISOString()}`;
  }
  if (customer?.id === event.customerId) return null;
  const isById = typeof body['customer_id'] === 'string';
  const field = isById ? 'customer_id' : 'external_customer_id';
  return `${field} must name the customer of the event, which cannot change`;
}

function refusalOf(
  { event, isDeprecated }: RegisteredEvent,
  kind: CorrectionKind,
): OrbAnswer | null {
  if (isDeprecated) return constraint('The event is deprecated and cannot be amended.');
  if (event.customerId === null) {
    return constraint('No customer has the external_customer_id of the event yet.');
  }
  if (event.state === 'visible') return null;
  return constraint(`A backfill took the place of this event: there is nothing to ${kind}.`);
}

async function limitOf(
  tx: CorrectionTransaction,
  { event }: RegisteredEvent,
  kind: CorrectionKind,
  { nowMs, fromMs }: CorrectionTime,
): Promise<OrbAnswer | null> {
  if (fromMs !== null && event.timestampMs < fromMs) {
    const from = new Date(fromMs).toISOString();
    return constraint(
      `The timestamp of the event lies before ${from}, in a billing period that is closed: correct it by a backfill.`,
    );
  }
  const sinceMs = nowMs - CORRECTION_DAYS * DAY_MS;
  const count = await tx.countSince(event.accountId, event.customerId ?? '', kind, sinceMs);
  if (count < CORRECTIONS_MAX) return null;
  const done = kind === 'amend' ? 'amended' : 'deprecated';
  return constraint(
    `${count} events of this customer were ${done} within ${CORRECTION_DAYS} days; use a backfill.`,
  );
}

const constraint = (detail: string): OrbAnswer => refused({ code: 'constraint_violation', detail });
