import type { Clock } from '@orbit/kernel';
import type { Clients } from '../../edge/rpc/clients.js';
import type { CustomerDirectory } from './customer-ports.js';

const BATCH_SIZE = 100;

/** Sends an external id to usage-metering: its customer, or that it is free again. */
export class SendNames {
  constructor(
    private readonly directory: Pick<CustomerDirectory, 'listUnsent' | 'markSent'>,
    private readonly metering: Pick<Clients['usageIngest'], 'nameCustomer'>,
    private readonly clock: Clock,
  ) {}

  /** Sends at once, so that the next reading counts the events that waited. Where it fails, `sendAll` does it. */
  async send(customerId: string): Promise<void> {
    await this.sendThese(customerId).catch(() => undefined);
  }

  /** Returns how many were sent. Errors: unavailable, timeout; the next run goes on. */
  sendAll(): Promise<number> {
    return this.sendThese(BATCH_SIZE);
  }

  private async sendThese(of: string | number): Promise<number> {
    const names = await this.directory.listUnsent(of);
    for (const name of names) {
      await this.metering.nameCustomer({
        account_id: name.accountId,
        external_customer_id: name.externalCustomerId,
        customer_id: name.id,
        is_free: name.isFree,
      });
      await this.directory.markSent(name, new Date(this.clock.nowMs()));
    }
    return names.length;
  }
}
