import type { Clock } from '@orbit/kernel';
import type { CustomerStore, Log, PaymentProvider } from './ports.js';

/** Knows the Stripe customer of an organization, and makes one when there is none. */
export class CustomerDirectory {
  constructor(
    private readonly customers: CustomerStore,
    private readonly provider: Pick<PaymentProvider, 'createCustomer'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Null when the organization has never been known to Stripe. */
  async find(organizationId: string): Promise<string | null> {
    return (await this.customers.read(organizationId))?.customerId ?? null;
  }

  /**
   * `attempt` is part of the key of the call, so that an error stored under it does not bar the organization.
   * Two first callers at once may make two customers at Stripe; the first one stored is used, the other is empty.
   */
  async idOf(organizationId: string, attempt: string): Promise<string> {
    return (await this.find(organizationId)) ?? this.create(organizationId, attempt, 0);
  }

  /** Stripe no longer knows the customer (deleted, or another account): the repeat uses a new one. */
  async replace(organizationId: string, attempt: string): Promise<void> {
    const known = await this.customers.read(organizationId);
    if (known === null) return;
    await this.create(organizationId, attempt, known.generation + 1).catch((err: unknown) => {
      this.log.warn({ organization_id: organizationId, err }, 'no new customer; the repeat tries');
    });
  }

  private async create(organizationId: string, attempt: string, generation: number) {
    const key = `orbit-customer-${attempt}-${generation}`;
    const customerId = await this.provider.createCustomer(organizationId, key);
    const nowMs = this.clock.nowMs();
    return (await this.customers.save(organizationId, customerId, generation, nowMs)).customerId;
  }
}
