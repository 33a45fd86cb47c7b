import {
  OrbitError,
  type ChangeWebhookEndpoint,
  type CreatedWebhookEndpoint,
  type CreateWebhookEndpoint,
  type WebhookEndpoint,
} from '@orbit/contracts';
import { isoInstant, newId, type Clock } from '@orbit/kernel';
import { urlFault } from '../domain/endpoint-url.js';
import type { OwnEndpoint, OwnEndpoints } from './orbit-ports.js';

/** As an account has over `/v1`. */
const ENDPOINTS_MAX = 20;

/** The use cases of an organization's own endpoints. Errors: OrbitError as each says; the database's own. */
export class ManageEndpoints {
  constructor(
    private readonly endpoints: OwnEndpoints,
    private readonly clock: Clock,
    private readonly newSecret: () => string,
  ) {}

  /** The only answer that shows the secret. Errors: invalid_field, conflict, idempotency_key_conflict. */
  async create(request: CreateWebhookEndpoint): Promise<CreatedWebhookEndpoint> {
    requireUrl(request.url, request.account_mode);
    const nowMs = this.clock.nowMs();
    const endpoint: OwnEndpoint = {
      id: newId('we', nowMs),
      organizationId: request.organization_id,
      accountId: request.account_id,
      url: request.url,
      secret: this.newSecret(),
      eventTypes: request.event_types ?? null,
      isEnabled: true,
      createdAt: new Date(nowMs),
      reference: request.reference ?? null,
      isDeleted: false,
    };
    const mayBePrivate = request.account_mode === 'test';
    const outcome = await this.endpoints.insert(endpoint, mayBePrivate, ENDPOINTS_MAX);
    if (outcome === 'full') {
      const message = `An organization has at most ${ENDPOINTS_MAX} webhook endpoints. Delete one first.`;
      throw new OrbitError('conflict', message);
    }
    if (outcome === 'made') return { endpoint: withSecret(endpoint), replayed: false };
    requireSame(outcome, endpoint);
    return { endpoint: withSecret(outcome), replayed: true };
  }

  async list(organizationId: string): Promise<readonly WebhookEndpoint[]> {
    return (await this.endpoints.list(organizationId)).map(toView);
  }

  /** Errors: not_found. */
  async read(organizationId: string, id: string): Promise<WebhookEndpoint> {
    return toView(found(await this.endpoints.read(organizationId, id)));
  }

  /** Errors: invalid_field, not_found. */
  async change(request: ChangeWebhookEndpoint): Promise<WebhookEndpoint> {
    const { organization_id: organizationId, endpoint_id: id, url, enabled } = request;
    requireUrl(url, request.account_mode);
    const to = { url, eventTypes: request.event_types ?? null, isEnabled: enabled };
    return toView(found(await this.endpoints.change(organizationId, id, to)));
  }

  /** Errors: not_found. */
  async delete(organizationId: string, id: string): Promise<void> {
    const at = new Date(this.clock.nowMs());
    if (!(await this.endpoints.delete(organizationId, id, at))) throw noEndpoint();
  }
}

function requireUrl(url: string, mode: 'live' | 'test'): void {
  const fault = urlFault(url, mode);
  if (fault !== null) throw new OrbitError('invalid_field', `${fault}.`, { param: 'url' });
}

function requireSame(before: OwnEndpoint, asked: OwnEndpoint): void {
  const isSame =
    before.url === asked.url &&
    JSON.stringify(before.eventTypes) === JSON.stringify(asked.eventTypes);
  if (isSame && !before.isDeleted) return;
  const message = before.isDeleted
    ? 'This Idempotency-Key made an endpoint that was deleted since. Use a new key.'
    : 'This Idempotency-Key made another endpoint, or one that was changed since. Use a new key.';
  throw new OrbitError('idempotency_key_conflict', message);
}

export const noEndpoint = (): OrbitError =>
  new OrbitError('not_found', 'There is no such webhook endpoint.');

function found(endpoint: OwnEndpoint | null): OwnEndpoint {
  if (!endpoint) throw noEndpoint();
  return endpoint;
}

const toView = (endpoint: OwnEndpoint): WebhookEndpoint => ({
  endpoint_id: endpoint.id,
  url: endpoint.url,
  event_types: endpoint.eventTypes,
  enabled: endpoint.isEnabled,
  created_at: isoInstant(endpoint.createdAt.getTime()),
});
const withSecret = (endpoint: OwnEndpoint) => ({ ...toView(endpoint), secret: endpoint.secret });
