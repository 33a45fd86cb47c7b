import { unstorableTextAt } from '@orbit/kernel';

/** The part of a payment that an event is about, as far as the event says. */
export interface EventSubject {
  readonly topupId?: string;
  readonly sessionId?: string;
  readonly paymentIntentId?: string;
}

export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  /** Of a connected account, when the event is not about ours. */
  readonly account: string | null;
  /** The object of the event, as it was when it happened: a hint, never the truth. */
  readonly object: unknown;
  /** Null for types that do not move a top-up. */
  readonly subject: EventSubject | null;
}

const SESSION_EVENTS: readonly string[] = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
];
const PAYMENT_INTENT_EVENTS: readonly string[] = [
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'payment_intent.canceled',
];

/** The types about top-ups, for whoever asks Stripe for events that were missed. */
export const TOPUP_EVENTS: readonly string[] = [...SESSION_EVENTS, ...PAYMENT_INTENT_EVENTS];

const ID_LENGTH_MAX = 255;

/**
 * Reads what we need of an event: its id, its type and whom it concerns. An event is only a hint that something
 * happened; Stripe is asked for the facts, so nothing else in the event is trusted. Null when it is no event.
 */
export function readEvent(parsed: unknown): StripeEvent | null {
  const id = textOf(parsed, 'id');
  const type = textOf(parsed, 'type');
  if (id === undefined || type === undefined) return null;
  const object = fieldOf(fieldOf(parsed, 'data'), 'object');
  const account = textOf(parsed, 'account') ?? null;
  return { id, type, account, object, subject: subjectOfEvent(type, object) };
}

function subjectOfEvent(type: string, about: unknown): EventSubject | null {
  const topupId = textOf(fieldOf(about, 'metadata'), 'orbit_topup_id');
  const objectId = textOf(about, 'id');
  if (SESSION_EVENTS.includes(type)) {
    return subjectOf(topupId, objectId, textOf(about, 'payment_intent'));
  }
  return PAYMENT_INTENT_EVENTS.includes(type) ? subjectOf(topupId, undefined, objectId) : null;
}

function subjectOf(
  topupId: string | undefined,
  sessionId: string | undefined,
  paymentIntentId: string | undefined,
): EventSubject {
  return {
    ...(topupId === undefined ? {} : { topupId }),
    ...(sessionId === undefined ? {} : { sessionId }),
    ...(paymentIntentId === undefined ? {} : { paymentIntentId }),
  };
}

export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** A text that can name something; undefined for one that no database takes, which would be asked for again and again. */
export function textOf(value: unknown, name: string): string | undefined {
  const text = fieldOf(value, name);
  if (typeof text !== 'string' || text.length === 0 || text.length > ID_LENGTH_MAX) {
    return undefined;
  }
  return unstorableTextAt(text) === null ? text : undefined;
}
