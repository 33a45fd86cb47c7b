import type { OrbAnswer } from '@orbit/contracts';
import type { Clock } from '@orbit/kernel';
import type { Wallets } from '../../edge/ports.js';
import type { SendNames } from './send-names.js';
import type { Customer, CustomerDirectory, NewCustomer, OrbOwners } from './customer-ports.js';

/** A request that is under way is left alone for so long, in milliseconds; no call takes longer. */
const UNDER_WAY_MS = 30_000;
const BATCH_SIZE = 100;

/**
 * The one step of /v1 that spans two owners: the identity is the gateway's, the profile invoicing's. First the row with
 * all that is still to do, then the wallet, then the profile; whoever finds a half-made one goes on with it.
 */
export class MakeCustomers {
  constructor(
    private readonly directory: CustomerDirectory,
    private readonly owners: OrbOwners,
    private readonly wallets: Pick<Wallets, 'open'>,
    private readonly clock: Clock,
    private readonly names: Pick<SendNames, 'send'>,
  ) {}

  /** Null: the external id is another customer's. Errors: unavailable, timeout; then the same key may be repeated. */
  async make(wanted: NewCustomer): Promise<OrbAnswer | null> {
    const claim = await this.directory.claim(wanted);
    if (claim === 'taken') return null;
    if (claim === 'known') {
      const known = await this.directory.findPending(wanted.id);
      // The request that was first is ended first, so that another payload under its key is refused as such.
      if (known?.pending) await this.finish(known);
      return this.owners.call('invoicing', 'create-customer', callOf(wanted, wanted.profile));
    }
    return this.finish({ ...wanted, pending: wanted.profile });
  }

  /** Does what is still to do for a customer; may be repeated. */
  async finish(customer: Customer): Promise<OrbAnswer> {
    const { id, currency, pending } = customer;
    if (pending === null) return { status: 200, body: null };
    await this.wallets.open({
      ...{ organization_id: id, currency },
      account_id: pending.account.id,
    });
    const call = callOf(customer, pending);
    const answer = await this.owners.call('invoicing', 'create-customer', call);
    if (answer.status < 300) {
      await this.directory.finish(id, true);
      await this.names.send(id);
    }
    // While the first request with this key runs there is no decision yet.
    else if (answer.status !== 409) await this.directory.finish(id, false);
    return answer;
  }

  /** Ends what a kill or an outage left half-made. Errors: unavailable, timeout; the next run goes on. */
  async endHalfMade(): Promise<void> {
    const before = new Date(this.clock.nowMs() - UNDER_WAY_MS);
    for (const customer of await this.directory.listPending(before, BATCH_SIZE)) {
      await this.finish(customer);
    }
  }
}

const callOf = (
  { id, externalCustomerId }: Pick<Customer, 'id' | 'externalCustomerId'>,
  profile: NewCustomer['profile'],
) => ({
  ...profile,
  customer: { id, external_customer_id: externalCustomerId },
  path: {},
  query: {},
});
