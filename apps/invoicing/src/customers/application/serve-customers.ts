import type { OrbAnswer, OrbCall, OrbCustomerRef } from '@orbit/contracts';
import { invariant, type AccountClock } from '@orbit/kernel';
import {
  notFound,
  answered,
  invalid,
  noContent,
  NOT_A_CURSOR,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
  createdBetween,
} from '@orbit/orb-api';
import { changeProfile, newProfile } from '../domain/profile.js';
import { customerFact, previousAttributes } from './customer-facts.js';
import { toResponse } from './customer-view.js';
import { hierarchyFault, placeInHierarchy, type Hierarchy } from './hierarchy.js';
import type { Customer, Customers, CustomerTransaction } from './ports.js';

const LIST = 'list-customers';

/** The operations of customers: their billing profiles. Errors: the database's own; refusals are answers. */
export class ServeCustomers {
  constructor(
    private readonly customers: Customers,
    private readonly changes: Changes<CustomerTransaction>,
    private readonly clock: AccountClock,
  ) {}

  /** The profile of an organization that the gateway has; may be repeated with the same id. */
  create(call: OrbCall): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const { account } = call;
      const { id, external_customer_id: externalCustomerId } = refOf(call);
      const result = newProfile(call.body, account);
      if (!result.ok) return refused(result.refusal);
      const placed = { id, parent: null, children: [] };
      const hierarchy = hierarchyOf(call);
      const fault = hierarchy && (await hierarchyFault(tx, account.id, placed, hierarchy));
      if (fault) return refused(fault);
      const createdAt = new Date(await this.clock.nowMs(call.account.id));
      const customer = { ...result.profile, id, externalCustomerId, createdAt };
      if (!(await tx.insert(account.id, customer))) return made(tx, call);
      if (hierarchy) await placeInHierarchy(tx, placed, hierarchy);
      const inserted = await readBack(tx, call);
      await tx.record(customerFact(call, inserted, 'created', {}, createdAt.getTime()));
      return answered(201, toResponse(inserted));
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const { id, external_customer_id: externalCustomerId } = refOf(call);
    const customer = await this.customers.read(call.account.id, id);
    // The gateway owns this name; the copy here may be a moment behind.
    return customer ? answered(200, toResponse({ ...customer, externalCustomerId })) : missing(id);
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf(LIST, call);
    if (!query) return invalid(NOT_A_CURSOR);
    const created = createdBetween(call.query, call.account.timezone);
    if ('fault' in created) return invalid(created.fault);
    const rows = await this.customers.list({ ...query, created });
    return pageOf(LIST, call, query, rows, toResponse);
  }

  update(call: OrbCall): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const { id, external_customer_id: externalCustomerId } = refOf(call);
      const current = await tx.lock(call.account.id, id);
      if (!current) return missing(id);
      const method = call.body['default_payment_method_id'] ?? null;
      if (typeof method === 'string') return refused(notFound('payment method', method));
      const result = changeProfile(current, call.body);
      if (!result.ok) return refused(result.refusal);
      const hierarchy = hierarchyOf(call);
      const fault = hierarchy && (await hierarchyFault(tx, call.account.id, current, hierarchy));
      if (fault) return refused(fault);
      await tx.save(id, externalCustomerId, result.profile);
      if (hierarchy) await placeInHierarchy(tx, current, hierarchy);
      const changed = await readBack(tx, call);
      const properties = { previous_attributes: previousAttributes(current, changed) };
      const nowMs = await this.clock.nowMs(call.account.id);
      await tx.record(customerFact(call, changed, 'edited', properties, nowMs));
      return answered(200, toResponse(changed));
    });
  }

  /** May be repeated: the gateway deletes the customer after this. */
  delete(call: OrbCall): Promise<OrbAnswer> {
    return this.changes.run(call, async (tx) => {
      const { id } = refOf(call);
      const current = await tx.lock(call.account.id, id);
      if (!current) return noContent;
      if (await tx.isBilled(id)) {
        const detail = 'The customer has invoices, receipts or a plan, so it cannot be deleted.';
        return refused({ code: 'constraint_violation', detail });
      }
      await tx.setParent(
        current.children.map((child) => child.id),
        null,
      );
      await tx.anonymise(id, new Date(await this.clock.nowMs(call.account.id)));
      return noContent;
    });
  }
}

function refOf({ customer }: OrbCall): OrbCustomerRef {
  invariant(customer !== null, 'the gateway says whose profile it is');
  return customer;
}

const hierarchyOf = ({ body }: OrbCall): Hierarchy | null =>
  (body['hierarchy'] ?? null) as Hierarchy | null;

const missing = (id: string): OrbAnswer => refused(notFound('customer', id));

async function readBack(tx: CustomerTransaction, call: OrbCall): Promise<Customer> {
  const customer = await tx.read(call.account.id, refOf(call).id);
  invariant(customer !== null, 'a customer that was just written is there');
  return customer;
}

/** A repeat without a key ends what was half-made; a key that is no longer kept made a customer once, for good. */
async function made(tx: CustomerTransaction, call: OrbCall): Promise<OrbAnswer> {
  if (call.idempotency === null) return answered(201, toResponse(await readBack(tx, call)));
  const detail = 'This Idempotency-Key made a customer long ago. Use a new one.';
  return { ...refused({ code: 'resource_conflict', detail }), is_final: true };
}
