import type { Customer } from './ports.js';

/** A customer as the contract shows it. */
export function toResponse(customer: Customer): Record<string, unknown> {
  const { details } = customer;
  return {
    id: customer.id,
    external_customer_id: customer.externalCustomerId,
    name: customer.name,
    email: customer.email,
    timezone: customer.timezone,
    currency: customer.currency,
    metadata: customer.metadata,
    created_at: customer.createdAt.toISOString(),
    ...details,
    balance: customer.balance,
    portal_url: null,
    default_payment_method: null,
    hierarchy: { parent: customer.parent, children: customer.children },
  };
}
