import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type AccountClock } from '@orbit/kernel';
import {
  answered,
  invalid,
  noContent,
  NOT_A_CURSOR,
  notFound,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { urlFault } from '../domain/endpoint-url.js';
import { ORB_EVENT_TYPES } from '../domain/event-types.js';
import type { PayloadStyle } from '../domain/fact.js';
import type { Endpoint, Endpoints, EndpointTransaction } from './ports.js';

const LIST = 'list-webhook-endpoints';
/** As Orb has it. */
const ENDPOINTS_MAX = 20;

/** The operations of webhook endpoints. Errors: the database's own; refusals are answers. */
export class ServeEndpoints {
  constructor(
    private readonly endpoints: Endpoints,
    private readonly changes: Changes<EndpointTransaction>,
    private readonly clock: AccountClock,
    private readonly newSecret: () => string,
  ) {}

  /** The only answer that shows the secret. */
  create(call: OrbCall): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const { account, body } = call;
      const fault = faultOf(call);
      if (fault !== null) return invalid(fault);
      const createdAt = new Date(await this.clock.nowMs(account.id));
      const endpoint = {
        id: newId('we', createdAt.getTime()),
        url: String(body['url']),
        secret: this.newSecret(),
        eventTypes: (body['enabled_event_types'] ?? null) as readonly string[] | null,
        payloadStyle: (body['payload_style'] ?? 'expanded') as PayloadStyle,
        isEnabled: true,
        createdAt,
      };
      const mayBePrivate = account.mode === 'test';
      if (!(await tx.insert(account.id, endpoint, mayBePrivate, ENDPOINTS_MAX))) {
        const detail = `An account has at most ${ENDPOINTS_MAX} webhook endpoints. Delete one first.`;
        return refused({ code: 'constraint_violation', detail });
      }
      return answered(201, { ...toResponse(endpoint), secret: endpoint.secret });
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const endpoint = await this.endpoints.read(call.account.id, idOf(call));
    return endpoint ? answered(200, toResponse(endpoint)) : missing(call);
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(LIST, call);
    if (!query) return invalid(NOT_A_CURSOR);
    return pageOf(LIST, call, query, await this.endpoints.list(query), toResponse);
  }

  /** An absent field stays; null means all types, and leaves url and style. */
  update(call: OrbCall): Promise<OrbAnswer> {
    const { url, enabled_event_types: types, payload_style: style } = call.body;
    const fault = faultOf(call);
    if (fault !== null) return Promise.resolve(invalid(fault));
    return this.change(call, (endpoint) => ({
      ...endpoint,
      url: typeof url === 'string' ? url : endpoint.url,
      eventTypes: types === undefined ? endpoint.eventTypes : (types as readonly string[] | null),
      payloadStyle: (style ?? endpoint.payloadStyle) as PayloadStyle,
    }));
  }

  enable(call: OrbCall): Promise<OrbAnswer> {
    return this.change(call, (endpoint) => ({ ...endpoint, isEnabled: true }));
  }

  /** Disables the endpoint; events that occur meanwhile are not sent later. */
  disable(call: OrbCall): Promise<OrbAnswer> {
    return this.change(call, (endpoint) => ({ ...endpoint, isEnabled: false }));
  }

  delete(call: OrbCall): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const endpoint = await tx.lock(call.account.id, idOf(call));
      if (!endpoint) return missing(call);
      await tx.delete(endpoint.id, new Date(await this.clock.nowMs(call.account.id)));
      return noContent;
    });
  }

  private change(call: OrbCall, to: (endpoint: Endpoint) => Endpoint): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const endpoint = await tx.lock(call.account.id, idOf(call));
      if (!endpoint) return missing(call);
      const changed = to(endpoint);
      await tx.save(changed);
      return answered(200, toResponse(changed));
    });
  }
}

function faultOf({ account, body }: OrbCall): string | null {
  const { url, enabled_event_types: types } = body;
  const fault = typeof url === 'string' ? urlFault(url, account.mode) : null;
  if (fault !== null) return fault;
  const unknown = ((types ?? []) as readonly string[]).find((type) => !ORB_EVENT_TYPES.has(type));
  return unknown === undefined
    ? null
    : `enabled_event_types: there is no event type ${JSON.stringify(unknown)}`;
}

const idOf = ({ path }: OrbCall): string => path['webhook_endpoint_id'] ?? '';

const missing = (call: OrbCall): OrbAnswer => refused(notFound('webhook endpoint', idOf(call)));

const toResponse = (endpoint: Omit<Endpoint, 'position'>): Record<string, unknown> => ({
  id: endpoint.id,
  created_at: endpoint.createdAt.toISOString(),
  url: endpoint.url,
  enabled: endpoint.isEnabled,
  enabled_event_types: endpoint.eventTypes,
  payload_style: endpoint.payloadStyle,
});
