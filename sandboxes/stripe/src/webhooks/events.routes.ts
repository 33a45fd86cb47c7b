import { toList } from '../http/expand.js';
import type { WebhookEndpoint } from '../world/objects.js';
import {
  created,
  flag,
  ignored,
  list,
  listShape,
  metadata,
  required,
  text,
  url,
} from '../http/params.js';
import { resourceMissing } from '../http/stripe-error.js';
import { cursorMissing, listAnswer, pageQuery, route, type ApiRoute } from '../http/api-route.js';
import { mergeMetadata } from '../http/metadata.js';

const endpointShape = {
  url: url(),
  enabled_events: list(required(text(100)), 200),
  description: text(5_000),
  metadata: metadata(),
} as const;

/** Events, and the endpoints that they are delivered to besides the one of the environment. */
export const EVENT_ROUTES: readonly ApiRoute[] = [
  route(
    'GET',
    '/v1/events',
    {
      ...listShape,
      created: created(),
      type: text(100),
      types: list(required(text(100)), 20),
      delivery_success: flag(),
    },
    async (work, params) => {
      const types = params.types ?? (params.type === undefined ? [] : [params.type]);
      const deliverySuccess = params.delivery_success;
      const query = { ...pageQuery(params, {}), types, deliverySuccess };
      const page = await work.tx.listEvents(query);
      if (page === null) throw cursorMissing('event', params);
      return toList(page.data, '/v1/events', page.hasMore);
    },
  ),
  route('GET', '/v1/events/:id', {}, async (work, _params, id) => {
    const event = await work.tx.findEvent(id);
    if (event === null) throw resourceMissing('event', id);
    return event;
  }),

  route(
    'POST',
    '/v1/webhook_endpoints',
    {
      ...endpointShape,
      url: required(url()),
      enabled_events: required(endpointShape.enabled_events),
      api_version: ignored(),
      connect: ignored(),
    },
    async (work, params) => {
      const endpoint: WebhookEndpoint = {
        id: work.id('webhook_endpoint'),
        object: 'webhook_endpoint',
        api_version: null,
        application: null,
        created: work.now,
        description: params.description ?? null,
        enabled_events: params.enabled_events,
        livemode: false,
        metadata: params.metadata ?? {},
        status: 'enabled',
        url: params.url,
      };
      const secret = work.ids.next('whsec_', 32);
      await work.tx.insert('webhook_endpoint', endpoint, { signing_secret: secret });
      return { ...endpoint, secret };
    },
  ),
  route('GET', '/v1/webhook_endpoints', listShape, (work, params) =>
    listAnswer(work, 'webhook_endpoint', params, {}, '/v1/webhook_endpoints'),
  ),
  route('GET', '/v1/webhook_endpoints/:id', {}, async (work, _params, id) => {
    return (await work.need('webhook_endpoint', id)).body;
  }),
  route(
    'POST',
    '/v1/webhook_endpoints/:id',
    { ...endpointShape, disabled: flag() },
    async (work, params, id) => {
      const { body } = await work.lock('webhook_endpoint', id);
      const isDisabled = params.disabled ?? body.status === 'disabled';
      return work.patch('webhook_endpoint', body, {
        url: params.url ?? body.url,
        enabled_events: params.enabled_events ?? body.enabled_events,
        description: params.description ?? body.description,
        metadata: mergeMetadata(body.metadata, params.metadata),
        status: isDisabled ? 'disabled' : 'enabled',
      });
    },
  ),
  route('DELETE', '/v1/webhook_endpoints/:id', {}, async (work, _params, id) => {
    await work.lock('webhook_endpoint', id);
    await work.tx.remove('webhook_endpoint', id);
    return { id, object: 'webhook_endpoint', deleted: true };
  }),
];
