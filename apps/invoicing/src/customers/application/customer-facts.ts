import type { OrbCall } from '@orbit/contracts';
import type { Fact } from '../../webhooks/domain/fact.js';
import { toResponse } from './customer-view.js';
import type { Customer } from './ports.js';

/** The fields whose earlier value `customer.edited` reports. */
const REPORTED = [
  'auto_collection',
  'billing_address',
  'email',
  'email_delivery',
  'external_customer_id',
  'metadata',
  'name',
  'payment_provider',
  'payment_provider_id',
  'shipping_address',
  'tax_id',
] as const;

/** A fact about a customer, for the receivers of webhooks. */
export const customerFact = (
  { account }: OrbCall,
  customer: Customer,
  verb: 'created' | 'edited',
  properties: Fact['properties'],
  atMs: number,
): Fact => ({
  accountId: account.id,
  organizationId: customer.id,
  type: `customer.${verb}`,
  objectId: customer.id,
  resources: { customer: toResponse(customer) },
  properties,
  atMs,
});

/** Of what changed, the values before. */
export function previousAttributes(before: Customer, after: Customer): Record<string, unknown> {
  const [old, now] = [toResponse(before), toResponse(after)];
  const changed = REPORTED.filter(
    (name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]),
  );
  return Object.fromEntries(changed.map((name) => [name, old[name]]));
}
