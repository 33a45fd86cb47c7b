import {
  INSTANT_PATTERN,
  unheldNumberIn,
  USAGE_EVENTS_MAX,
  USAGE_KEY_LENGTH_MAX,
  USAGE_NAME_LENGTH_MAX,
  usageTimeFault,
} from '@orbit/events';
import type { FailedEvent, ReadEvent } from './ingest-ports.js';

/** Characters of one event at most. */
export const EVENT_SIZE_MAX = 64 * 1024;

export interface ReadBody {
  /** Faults of the request as a whole. */
  readonly faults: readonly string[];
  readonly failed: readonly FailedEvent[];
  /** Complete only when nothing is wrong. */
  readonly events: readonly ReadEvent[];
}

export interface WindowOfEvents {
  /** Account time. */
  readonly nowMs: number;
  /** Events of a backfill lie in its window instead. */
  readonly backfill: { readonly fromMs: number; readonly toMs: number } | null;
}

const FIELDS = new Set([
  'customer_id',
  'external_customer_id',
  'event_name',
  'timestamp',
  'properties',
  'idempotency_key',
]);
const INSTANT = new RegExp(INSTANT_PATTERN);
const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|z|[+-]00:?00)?$/;
const WITH_OFFSET = /[+-]\d{2}(:?\d{2})?$/;

/** The body of POST /ingest; every fault names its event and field. */
export function readEvents(body: unknown, window: WindowOfEvents): ReadBody {
  const faults = bodyFaults(body);
  if (faults.length > 0) return { faults, failed: [], events: [] };
  const { events: given } = body as { readonly events: readonly unknown[] };
  const failed: FailedEvent[] = [];
  const events: ReadEvent[] = [];
  for (const [at, event] of given.entries()) {
    const read = readEvent(event, window);
    if (!('errors' in read)) {
      events.push(read);
      continue;
    }
    const { idempotency_key: key } = (event ?? {}) as { readonly idempotency_key?: unknown };
    failed.push({
      idempotency_key: typeof key === 'string' ? key : '',
      validation_errors: read.errors.map((error) => `events[${at}]${error}`),
    });
  }
  return { faults, failed, events };
}

function bodyFaults(body: unknown): string[] {
  if (!isObject(body)) return ['body must be object'];
  const unknown = Object.keys(body).filter((name) => name !== 'events');
  const faults = unknown.map((name) => `${name} is not a field of this request`);
  const { events } = body;
  if (events === undefined) faults.push('events is required');
  else if (!Array.isArray(events)) faults.push('events must be array');
  else if (events.length > USAGE_EVENTS_MAX) {
    faults.push(`events must not have more than ${USAGE_EVENTS_MAX} items`);
  }
  return faults;
}

/** One event alone, as amendments send it; errors begin with `.field`. */
export function readEvent(
  event: unknown,
  window: WindowOfEvents | null,
): ReadEvent | { readonly errors: readonly string[] } {
  if (!isObject(event)) return { errors: [' must be object'] };
  const errors = Object.keys(event)
    .filter((name) => !FIELDS.has(name))
    .map((name) => `.${name} is not a field of an event`);
  const customerId = nameOf(event['customer_id'], 'customer_id', errors);
  const externalCustomerId = nameOf(event['external_customer_id'], 'external_customer_id', errors);
  const isNamed = [event['customer_id'], event['external_customer_id']].map((name) => name ?? null);
  if (isNamed.every((name) => name === null)) {
    errors.push('.customer_id is required, or external_customer_id');
  } else if (isNamed.every((name) => name !== null)) {
    errors.push('.customer_id and external_customer_id must not both be there');
  }
  const eventName = textOf(event['event_name'], 'event_name', USAGE_NAME_LENGTH_MAX, errors);
  const idempotencyKey = textOf(
    event['idempotency_key'],
    'idempotency_key',
    USAGE_KEY_LENGTH_MAX,
    errors,
  );
  const timestampMs = timestampOf(event['timestamp'], window, errors);
  const properties = propertiesOf(event['properties'], errors);
  const size = properties === null ? 0 : sizeOf(properties);
  if (size > EVENT_SIZE_MAX) {
    errors.push(`.properties must not have more than ${EVENT_SIZE_MAX} characters`);
  }
  if (errors.length > 0 || properties === null) return { errors };
  return {
    idempotencyKey,
    customerId,
    externalCustomerId,
    eventName,
    timestampMs,
    properties,
    size,
  };
}

function nameOf(value: unknown, field: string, errors: string[]): string | null {
  if (value === undefined || value === null) return null;
  return textOf(value, field, USAGE_NAME_LENGTH_MAX, errors);
}

function textOf(value: unknown, field: string, lengthMax: number, errors: string[]): string {
  if (value === undefined) errors.push(`.${field} is required`);
  else if (typeof value !== 'string') errors.push(`.${field} must be string`);
  else if (value === '') errors.push(`.${field} must not be empty`);
  // As its schema counts: a pair of surrogates is one character.
  else if (value.length > lengthMax && Array.from(value).length > lengthMax) {
    errors.push(`.${field} must not have more than ${lengthMax} characters`);
  } else return value;
  return '';
}

/** Milliseconds; finer digits are cut off. */
function timestampOf(value: unknown, window: WindowOfEvents | null, errors: string[]): number {
  const fault = (text: string): number => {
    errors.push(`.timestamp ${text}`);
    return Number.NaN;
  };
  if (value === undefined) return fault('is required');
  if (typeof value !== 'string') return fault('must be string');
  const [, day = '', time = ''] = TIMESTAMP.exec(value) ?? [];
  if (day === '') {
    return fault(
      WITH_OFFSET.test(value) && value.includes(':')
        ? 'must be in UTC, without an offset'
        : 'must be an instant in UTC, as 2020-12-09T16:09:53Z',
    );
  }
  const text = `${day}T${time.length === 5 ? `${time}:00` : time}Z`;
  if (!INSTANT.test(text)) return fault('must be an instant of the years 2000 to 2999');
  const timestampMs = Date.parse(text);
  const outside = window && faultOfWindow(timestampMs, window);
  return outside === null ? timestampMs : fault(outside);
}

function faultOfWindow(timestampMs: number, { nowMs, backfill }: WindowOfEvents): string | null {
  if (backfill === null) return usageTimeFault(timestampMs, nowMs);
  const isInside = timestampMs >= backfill.fromMs && timestampMs < backfill.toMs;
  return isInside ? null : 'must lie within the timeframe of the backfill';
}

function propertiesOf(value: unknown, errors: string[]): ReadEvent['properties'] | null {
  if (value === undefined) errors.push('.properties is required');
  else if (!isObject(value)) errors.push('.properties must be object');
  else {
    const count = errors.length;
    for (const [name, property] of Object.entries(value)) {
      const type = typeof property;
      if (type !== 'string' && type !== 'number' && type !== 'boolean') {
        errors.push(`.properties.${name} must be string, number or boolean`);
      }
    }
    const unheld = unheldNumberIn(value);
    if (unheld !== null)
      errors.push(`.properties.${unheld} has more than 38 digits or 18 decimals`);
    if (errors.length === count) return value as ReadEvent['properties'];
  }
  return null;
}

function sizeOf(properties: ReadEvent['properties']): number {
  let size = 0;
  for (const name in properties) {
    const value = properties[name];
    size += name.length + (typeof value === 'string' ? value.length : 16) + 6;
  }
  return size;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
