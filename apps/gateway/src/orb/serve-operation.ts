import type { OrbAccount, OrbAnswer, OrbCall, OrbCustomerProfile } from '@orbit/contracts';
import { newId, type Clock } from '@orbit/kernel';
import { isIsoCurrency } from '@orbit/money';
import { notFound, type OrbOperation } from '@orbit/orb-api';
import { createHash } from 'node:crypto';
import type { Wallets } from '../edge/ports.js';
import type { AccountPrincipal } from '../organizations/accounts/account-ports.js';
import type {
  Customer,
  CustomerDirectory,
  OrbOwners,
} from '../organizations/customers/customer-ports.js';
import type { SendNames } from '../organizations/customers/send-names.js';
import type { CustomerCache } from './ingest/customer-cache.js';
import type { DeprecatedKeys } from './ingest/deprecated-keys.js';
import { readEvent } from './ingest/read-events.js';
import type { IngestRequest, ServeIngest } from './ingest/serve-ingest.js';
import type { MakeCustomers } from '../organizations/customers/make-customers.js';
import { SERVED_OPERATIONS } from './operations.js';
import { invalid, refused } from './problems.js';
import type { ServedOperation } from './served/served-operation.js';

/** A request that fits the contract. */
export interface OrbRequest {
  readonly operation: OrbOperation;
  readonly account: AccountPrincipal;
  readonly path: OrbCall['path'];
  readonly query: OrbCall['query'];
  readonly body: OrbCall['body'];
  readonly idempotencyKey: string | null;
  /** It is to wait as a pending change of a subscription. */
  readonly isPending?: boolean;
  /** The answer is to show what a change of a subscription made. */
  readonly showsChanges?: boolean;
}

const EXTERNAL_ID_LENGTH_MAX = 255;

/** Brings an operation to its owner: identity of a customer, one call, the owner's answer as it is. */
export class ServeOperation {
  constructor(
    private readonly directory: CustomerDirectory,
    private readonly customers: Pick<MakeCustomers, 'make' | 'finish'>,
    private readonly owners: OrbOwners,
    private readonly wallets: Pick<Wallets, 'pause'>,
    private readonly clock: Clock,
    private readonly ingest: Pick<ServeIngest, 'run'>,
    private readonly names: Pick<SendNames, 'send'>,
    private readonly known: Pick<CustomerCache, 'drop'>,
    private readonly deprecated: Pick<DeprecatedKeys, 'expectChange'>,
  ) {}

  /** Errors: unavailable, timeout. Refusals are answers. */
  async run(request: OrbRequest): Promise<OrbAnswer> {
    const { id } = request.operation;
    const served = SERVED_OPERATIONS[id];
    if (!served) {
      const detail = `${id} is not built yet. docs/reference/orb-compat.md lists what is.`;
      return refused({ code: 'feature_not_available', detail });
    }
    if (served.step === 'ingest') return this.ingest.run(ingestRequestOf(request));
    if (served.owner === 'gateway') {
      return { status: 200, body: JSON.stringify({ response: 'pong' }) };
    }
    if (served.step === 'amend') return this.amend(request);
    if (served.step === 'scope') return this.scope(request);
    if (served.step === 'create') return this.createCustomer(request);
    const found = served.found ? await this.findOwner(request, served) : {};
    const by = found.customerId ?? (served.customer ? request.path[served.customer] : undefined);
    const named = served.customer ?? 'customer_id';
    const customer = by === undefined ? null : await this.find(request.account, named, by);
    if (!customer && (served.customer || served.found)) {
      const { resource = 'customer', part = named } = served.found ?? {};
      return refused(notFound(resource, request.path[part] ?? ''));
    }
    const plain = callOf(request, customer);
    const call = served.needsProfile ? await this.withProfile(plain) : plain;
    if ('status' in call) return call;
    const name = served.operation ?? id;
    if (customer && served.step === 'update') return this.updateCustomer(call, customer, name);
    const owner = served.ownerOf?.(call.body) ?? served.owner;
    const answer = await this.owners.call(owner, name, call);
    if (served.step === 'deprecate') this.deprecated.expectChange(request.account.id);
    if (customer && served.step === 'delete' && answer.status < 300) {
      await this.end(customer);
      this.known.drop(request.account.id, customer);
    }
    return answer;
  }

  /** Whose it is, as the owner says; nothing when there is no such thing. */
  private async findOwner(
    request: OrbRequest,
    { owner, found }: ServedOperation,
  ): Promise<{ readonly customerId?: string }> {
    if (!found || owner === 'gateway') return {};
    const { body } = await this.owners.call(owner, found.by, callOf(request, null));
    const { customer_id: customerId } = JSON.parse(body ?? '{}') as { customer_id?: string };
    return customerId === undefined ? {} : { customerId };
  }

  /** Returns what invoicing refuses. */
  private async withProfile(call: OrbCall): Promise<OrbCall | OrbAnswer> {
    const answer = await this.owners.call('invoicing', 'fetch-customer', call);
    if (answer.status !== 200 || !call.customer) return answer;
    const { timezone, currency } = JSON.parse(answer.body ?? '{}') as OrbCustomerProfile;
    return { ...call, customer: { ...call.customer, profile: { timezone, currency } } };
  }

  private async find(
    account: AccountPrincipal,
    by: NonNullable<ServedOperation['customer']>,
    value: string,
  ): Promise<Customer | null> {
    const name = by === 'customer_id' ? { id: value } : { externalCustomerId: value };
    const customer = await this.directory.find(account.id, name);
    // It was made while invoicing was unavailable: it gets its profile before anything is asked of that.
    if (customer?.pending) await this.customers.finish(customer);
    return customer;
  }

  private async createCustomer(request: OrbRequest): Promise<OrbAnswer> {
    const { account, body } = request;
    const call = callOf(request, null);
    const external = (body['external_customer_id'] ?? null) as string | null;
    const fault = externalIdFault(external);
    if (fault !== null) return refused(invalid([fault]));
    const nowMs = this.clock.nowMs();
    const { idempotency } = call;
    const currency = isIsoCurrency(account.defaultCurrency) ? account.defaultCurrency : 'USD';
    const answer = await this.customers.make({
      id: idempotency ? idOf(account.id, idempotency.key) : newId('org', nowMs),
      externalCustomerId: external,
      name: nameOf(String(body['name'])),
      currency,
      createdAt: new Date(nowMs),
      profile: { account: call.account, body, idempotency },
    });
    return answer ?? duplicate(external);
  }

  /** An external id can be given once; the gateway owns it, so it is taken before invoicing is asked. */
  private async updateCustomer(
    call: OrbCall,
    customer: Customer,
    operation: string,
  ): Promise<OrbAnswer> {
    const external = (call.body['external_customer_id'] ?? null) as string | null;
    const isNew = external !== null && external !== customer.externalCustomerId;
    if (!isNew) return this.owners.call('invoicing', operation, call);
    const fault = externalIdFault(external);
    if (fault !== null) return refused(invalid([fault]));
    const named = await this.directory.name(customer.id, external);
    if (named === 'taken') return duplicate(external);
    if (named === 'named_otherwise') {
      const detail = 'The customer has an external_customer_id already, which cannot change.';
      return refused({ code: 'constraint_violation', detail });
    }
    const ref = { id: customer.id, external_customer_id: external };
    const answer = await this.owners.call('invoicing', operation, { ...call, customer: ref });
    if (answer.status >= 300) await this.directory.unname(customer.id, external);
    else await this.names.send(customer.id);
    return answer;
  }

  /** A resource may belong to one customer or to all: the body may name one, by either name. */
  private async scope(request: OrbRequest): Promise<OrbAnswer> {
    const { account, body, operation } = request;
    const id = (body['customer_id'] ?? null) as string | null;
    const externalCustomerId = (body['external_customer_id'] ?? null) as string | null;
    if (id !== null && externalCustomerId !== null) {
      return refused(invalid(['customer_id and external_customer_id must not both be there']));
    }
    const name = id !== null ? { id } : externalCustomerId === null ? null : { externalCustomerId };
    const customer = name && (await this.directory.find(account.id, name));
    if (name && !customer) return refused(notFound('customer', id ?? externalCustomerId ?? ''));
    return this.owners.call('usage-metering', operation.id, callOf(request, customer));
  }

  /** An amendment is read as an event; its customer is the one that the body names. */
  private async amend(request: OrbRequest): Promise<OrbAnswer> {
    const { account, body } = request;
    const event = readEvent({ ...body, idempotency_key: request.path['event_id'] }, null);
    if ('errors' in event) return refused(invalid(event.errors.map((error) => error.slice(1))));
    const { customerId, externalCustomerId, timestampMs } = event;
    const name =
      customerId === null ? { externalCustomerId: externalCustomerId ?? '' } : { id: customerId };
    const customer = await this.directory.find(account.id, name);
    if (!customer) {
      const field = customerId === null ? 'external_customer_id' : 'customer_id';
      const value = JSON.stringify(customerId ?? externalCustomerId);
      return refused(invalid([`${field} ${value} is no customer of this account`]));
    }
    const read = { ...body, timestamp: new Date(timestampMs).toISOString() };
    const call = callOf({ ...request, body: read }, customer);
    return this.owners.call('usage-metering', 'amend-event', call);
  }

  /** The books stay; nothing can be charged any more. */
  private async end({ id, currency }: Customer): Promise<void> {
    await this.wallets.pause({ organization_id: id, currency, paused: true });
    await this.directory.delete(id);
    await this.names.send(id);
  }
}

const ingestRequestOf = ({ account, body, query }: OrbRequest): IngestRequest => ({
  account: { id: account.id, mode: account.mode },
  body,
  isDebug: query['debug'] === true,
  backfillId: typeof query['backfill_id'] === 'string' ? query['backfill_id'] : null,
});

function callOf(request: OrbRequest, customer: Customer | null): OrbCall {
  const { account, operation, path, query, body, idempotencyKey } = request;
  const isPending = request.isPending === true;
  const of: OrbAccount = {
    id: account.id,
    mode: account.mode,
    default_currency: account.defaultCurrency,
    timezone: account.timezone,
  };
  const hashed = JSON.stringify([operation.id, path, body, ...(isPending ? ['pending'] : [])]);
  return {
    account: of,
    customer: customer && { id: customer.id, external_customer_id: customer.externalCustomerId },
    path,
    query,
    body,
    idempotency:
      idempotencyKey === null
        ? null
        : {
            key: idempotencyKey,
            request_hash: createHash('sha256').update(hashed).digest('base64url'),
          },
    ...(isPending ? { is_pending: true } : {}),
    ...(request.showsChanges === true ? { shows_changes: true } : {}),
  };
}

const externalIdFault = (external: string | null): string | null =>
  external === null || (external !== '' && external.length <= EXTERNAL_ID_LENGTH_MAX)
    ? null
    : `external_customer_id has 1 to ${EXTERNAL_ID_LENGTH_MAX} characters`;

const duplicate = (external: string | null): OrbAnswer =>
  refused({
    code: 'duplicate_resource_creation',
    detail: `There is a customer with external_customer_id ${JSON.stringify(external)} already.`,
  });

/** The organization's name in the Orbit API: at most 200 characters, no control characters. */
function nameOf(name: string): string {
  const shown = name.replace(/\p{Cc}/gu, ' ').trim();
  return Array.from(shown).slice(0, 200).join('') || 'Customer';
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The same key of the same account names the same organization, so that a repeat goes on where the first one ended. */
function idOf(accountId: string, key: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([accountId, key]))
    .digest();
  const letters = Array.from(digest.subarray(0, 26), (byte) => CROCKFORD[byte & 31]);
  return `org_${letters.join('')}`;
}
