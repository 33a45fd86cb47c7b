import { NOT_A_CURSOR, organizationId, shownInstant } from '../schema/fields.js';
import { operation } from '../schema/operation.js';
import {
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  optional,
  text,
  type Static,
} from '../schema/shape.js';

/**
 * Topics whose events go out to an organization's own endpoints: its money and its wallet. `charge.posted` is none of
 * them: at thousands a second, lists and usage are read instead.
 */
export const WEBHOOK_EVENT_TYPES = [
  'balance.low',
  'balance.depleted',
  'balance.recovered',
  'balance.overdrawn',
  'charge.rejected',
  'topup.completed',
  'topup.failed',
  'refund.pending',
  'refund.completed',
  'refund.failed',
  'dispute.opened',
  'dispute.closed',
  'credit.withdrawn',
  'credit.taken_back',
  'auto_reload.disabled',
  'auto_reload.paused',
  'auto_reload.resumed',
  'auto_reload.limited',
  'wallet.paused',
  'wallet.resumed',
  'invoice.issued',
  'subscription.changed',
  'subscription.invoiced',
] as const;
export type WebhookEventType = (typeof WEBHOOK_EVENT_TYPES)[number];

export const DELIVERY_STATES = ['pending', 'delivered', 'failed', 'cancelled'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

const URL_LENGTH_MAX = 2_048;
const ENDPOINT_ID = { example: 'we_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' } as const;

const url = text({
  minLength: 1,
  maxLength: URL_LENGTH_MAX,
  example: 'https://example.com/webhooks',
  description: 'Of a live account: https, and a public host.',
});
const eventTypes = optional(
  list(oneOf(WEBHOOK_EVENT_TYPES), {
    minItems: 1,
    maxItems: WEBHOOK_EVENT_TYPES.length,
    example: ['balance.low', 'topup.completed'],
    description: 'Default: all.',
  }),
  { nullIsAbsent: true },
);

export const WebhookEndpointBody = object(
  { url, event_types: eventTypes },
  { title: 'WebhookEndpointBody' },
);
export type WebhookEndpointBody = Static<typeof WebhookEndpointBody>;

export const WebhookEndpointChangeBody = object(
  {
    url,
    event_types: eventTypes,
    enabled: flag({
      default: true,
      description: 'Events of a time in which it is disabled are not sent later.',
    }),
  },
  { title: 'WebhookEndpointChangeBody' },
);
export type WebhookEndpointChangeBody = Static<typeof WebhookEndpointChangeBody>;

const endpoint = {
  endpoint_id: text(ENDPOINT_ID),
  url: text({ example: 'https://example.com/webhooks' }),
  event_types: nullable(list(text()), { example: ['balance.low'], description: 'Null: all.' }),
  enabled: flag({ example: true }),
  created_at: shownInstant('2026-05-16T11:22:33.444Z'),
} as const;
export const WebhookEndpoint = object(endpoint, { title: 'WebhookEndpointModel' });
export type WebhookEndpoint = Static<typeof WebhookEndpoint>;

export const NewWebhookEndpoint = object(
  {
    ...endpoint,
    secret: text({
      example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      description: 'Signs what is sent. This answer alone shows it.',
    }),
  },
  { title: 'NewWebhookEndpointModel' },
);
export type NewWebhookEndpoint = Static<typeof NewWebhookEndpoint>;

export const WebhookEndpoints = object(
  { webhook_endpoints: list(WebhookEndpoint) },
  { title: 'WebhookEndpointListModel' },
);
export type WebhookEndpoints = Static<typeof WebhookEndpoints>;

export const DeletedWebhookEndpoint = object(
  { endpoint_id: text(ENDPOINT_ID), deleted: flag({ example: true }) },
  { title: 'DeletedWebhookEndpointModel' },
);
export type DeletedWebhookEndpoint = Static<typeof DeletedWebhookEndpoint>;

const attempt = object(
  {
    number: integer({ example: 1 }),
    attempted_at: shownInstant('2026-05-16T11:22:34.001Z'),
    latency_ms: integer({ example: 84 }),
    status: nullable(integer(), { example: 500, description: 'Null: no answer came.' }),
    error: nullable(text(), { example: null, description: 'Why no answer came.' }),
    response: nullable(text(), { example: 'try later', description: 'Beginning of the answer.' }),
  },
  { title: 'WebhookAttemptModel' },
);

const delivery = {
  delivery_id: text({ example: 'dlv_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B' }),
  endpoint_id: text(ENDPOINT_ID),
  event_id: text({
    example: 'evt_01KAKJ7D3V5Q9Z1M8R0T2W4Y6B',
    description: 'The same on every attempt, and when it is sent again.',
  }),
  event_type: text({ example: 'balance.low' }),
  object_id: text({ description: 'Events of one object are sent in their order.' }),
  sequence: integer({ example: 3, description: 'Which event of its object it is.' }),
  state: oneOf(DELIVERY_STATES),
  attempt_count: integer({ example: 1 }),
  created_at: shownInstant('2026-05-16T11:22:33.444Z'),
  next_attempt_at: nullable(text(), { example: '2026-05-16T11:22:39.001Z' }),
  ended_at: nullable(text(), { example: null }),
  last_attempt: nullable(attempt),
} as const;
export const WebhookDelivery = object(delivery, { title: 'WebhookDeliveryModel' });
export type WebhookDelivery = Static<typeof WebhookDelivery>;

export const WebhookDeliveryDetail = object(
  {
    ...delivery,
    body: text({ description: 'The body as it is sent, to the byte.' }),
    attempts: list(attempt),
  },
  { title: 'WebhookDeliveryDetailModel' },
);
export type WebhookDeliveryDetail = Static<typeof WebhookDeliveryDetail>;

export const WebhookDeliveryPage = object(
  {
    deliveries: list(WebhookDelivery),
    next_cursor: nullable(text({ example: null })),
    has_more: flag({ example: false }),
  },
  { title: 'WebhookDeliveryPageModel' },
);
export type WebhookDeliveryPage = Static<typeof WebhookDeliveryPage>;

const filters = {
  state: optional(oneOf(DELIVERY_STATES)),
  event_type: optional(text({ minLength: 1, maxLength: 100, example: 'balance.low' })),
} as const;
const page = {
  limit: integer({ minimum: 1, maximum: 100, default: 30 }),
  cursor: optional(text({ says: NOT_A_CURSOR, description: '`next_cursor` of the page before.' })),
} as const;
export const WebhookDeliveriesQuery = object({ ...page, ...filters });
export type WebhookDeliveriesQuery = Static<typeof WebhookDeliveriesQuery>;
export const AccountDeliveriesQuery = object({
  ...page,
  ...filters,
  endpoint_id: optional(text({ ...ENDPOINT_ID, minLength: 1, maxLength: 100 })),
});
export type AccountDeliveriesQuery = Static<typeof AccountDeliveriesQuery>;

const ref = { organization_id: organizationId, endpoint_id: text() } as const;
export const WebhookEndpointRef = object(ref);
export type WebhookEndpointRef = Static<typeof WebhookEndpointRef>;
export const WebhookOrganizationRef = object({ organization_id: organizationId });

export const CreateWebhookEndpoint = object({
  organization_id: organizationId,
  account_id: text(),
  account_mode: oneOf(['live', 'test']),
  url,
  event_types: eventTypes,
  /** Made by the caller: the same one makes the same endpoint. Absent: each call makes one. */
  reference: optional(text({ minLength: 1, maxLength: 255 })),
});
export type CreateWebhookEndpoint = Static<typeof CreateWebhookEndpoint>;

export const ChangeWebhookEndpoint = object({
  ...ref,
  account_mode: oneOf(['live', 'test']),
  url,
  event_types: eventTypes,
  enabled: flag(),
});
export type ChangeWebhookEndpoint = Static<typeof ChangeWebhookEndpoint>;

export const CreatedWebhookEndpoint = object({ endpoint: NewWebhookEndpoint, replayed: flag() });
export type CreatedWebhookEndpoint = Static<typeof CreatedWebhookEndpoint>;

/** Whose deliveries: those of an organization's own endpoints, or of endpoints that an account made over `/v1`. */
const owner = {
  organization_id: optional(organizationId),
  account_id: optional(text({ minLength: 1 })),
} as const;
export const ListDeliveries = object({
  ...owner,
  ...filters,
  endpoint_id: optional(text()),
  limit: integer({ minimum: 1, maximum: 100 }),
  /** The page starts after this delivery, newest first. */
  after_id: optional(text()),
});
export type ListDeliveries = Static<typeof ListDeliveries>;
export const DeliveryRef = object({
  ...owner,
  endpoint_id: optional(text()),
  delivery_id: text(),
});
export type DeliveryRef = Static<typeof DeliveryRef>;

/** Outgoing webhooks of the Orbit API, and the log of deliveries of both APIs. */
export const WEBHOOKS = {
  /** Idempotent by reference. */
  create: operation('webhooks.create', CreateWebhookEndpoint, CreatedWebhookEndpoint, [
    'conflict',
    'idempotency_key_conflict',
  ]),
  list: operation('webhooks.list', WebhookOrganizationRef, WebhookEndpoints),
  read: operation('webhooks.read', WebhookEndpointRef, WebhookEndpoint, ['not_found']),
  change: operation('webhooks.change', ChangeWebhookEndpoint, WebhookEndpoint, ['not_found']),
  delete: operation('webhooks.delete', WebhookEndpointRef, DeletedWebhookEndpoint, ['not_found']),
  deliveries: operation('webhooks.deliveries', ListDeliveries, WebhookDeliveryPage, ['not_found']),
  delivery: operation('webhooks.delivery', DeliveryRef, WebhookDeliveryDetail, ['not_found']),
  /** One that waits to be sent is sent at once; of one that has ended, a new delivery is made. */
  resend: operation('webhooks.resend', DeliveryRef, WebhookDelivery, ['not_found', 'conflict']),
} as const;
