import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import type { AccountClock } from '@orbit/kernel';
import { answered, instantIn, invalid } from '@orbit/orb-api';
import { hourOf } from '../domain/volume.js';
import type { EventsReader, RegisteredEvent } from './ports.js';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const SEARCH_DAYS = 7;
const EVENT_IDS_MAX = 1_000;
const HOURS_MAX = 10_000;
/** No event is of a time before or after. */
const FIRST_MS = Date.parse('2000-01-01T00:00:00Z');
const LAST_MS = Date.parse('3000-01-01T00:00:00Z');

/** Search and volume of events. Errors: the database's own; refusals are answers. */
export class ServeEvents {
  constructor(
    private readonly events: EventsReader,
    private readonly clock: AccountClock,
  ) {}

  /** Events by their ids, of the last seven days unless the caller names a window. Amended versions are left out. */
  async search(call: OrbCall): Promise<OrbAnswer> {
    const { account, body } = call;
    const keys = [...new Set(body['event_ids'] as readonly string[])];
    if (keys.length > EVENT_IDS_MAX) {
      return invalid(`event_ids must not have more than ${EVENT_IDS_MAX} items`);
    }
    const toMs = timeOf(call, body['timeframe_end']) ?? (await this.clock.nowMs(account.id));
    const fromMs = timeOf(call, body['timeframe_start']) ?? toMs - SEARCH_DAYS * DAY_MS;
    const fault = faultOf(fromMs, toMs);
    if (fault !== null) return invalid(fault);
    const found = await this.events.search({ accountId: account.id, keys, fromMs, toMs });
    return answered(200, { data: found.map(toResponse) });
  }

  /** Hours in UTC that have events; the hours of both bounds are among them. */
  async volume(call: OrbCall): Promise<OrbAnswer> {
    const { account, query } = call;
    const fromMs = timeOf(call, query['timeframe_start']) ?? Number.NaN;
    const toMs = timeOf(call, query['timeframe_end']) ?? (await this.clock.nowMs(account.id));
    const fault = faultOf(fromMs, toMs);
    if (fault !== null) return invalid(fault);
    const limit = typeof query['limit'] === 'number' ? query['limit'] : HOURS_MAX;
    const hours = await this.events.volume({
      accountId: account.id,
      fromMs: hourOf(fromMs),
      toMs: hourOf(toMs - 1) + HOUR_MS,
      limit,
    });
    const data = hours.map(({ hourMs, count }) => ({
      timeframe_start: new Date(hourMs).toISOString(),
      timeframe_end: new Date(hourMs + HOUR_MS).toISOString(),
      count,
    }));
    return answered(200, { data });
  }
}

/** Null where nothing was said; NaN for what is no instant. Times outside of all events are as good as their bounds. */
function timeOf({ account }: OrbCall, value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const ms = instantIn(value, account.timezone);
  return Math.min(Math.max(ms, FIRST_MS), LAST_MS);
}

function faultOf(fromMs: number, toMs: number): string | null {
  if (Number.isNaN(fromMs)) return 'timeframe_start is no instant';
  if (Number.isNaN(toMs)) return 'timeframe_end is no instant';
  return fromMs > toMs ? 'timeframe_end must not be before timeframe_start' : null;
}

/**
 * The contract takes events without properties and has no answer for them: what it answers has one at least. So such an
 * event shows its name, which is true of it, and which no metric reads as a property.
 */
const propertiesShown = ({
  eventName,
  properties,
}: RegisteredEvent['event']): RegisteredEvent['event']['properties'] =>
  Object.keys(properties).length === 0 ? { event_name: eventName } : properties;

const toResponse = ({ event, isDeprecated }: RegisteredEvent): Record<string, unknown> => ({
  id: event.idempotencyKey,
  customer_id: event.customerId,
  external_customer_id: event.externalCustomerId,
  event_name: event.eventName,
  properties: propertiesShown(event),
  timestamp: new Date(event.timestampMs).toISOString(),
  deprecated: isDeprecated || event.state !== 'visible',
});
