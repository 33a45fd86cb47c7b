import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../gateway.ports.js';
import type { MakeCustomers } from '../organizations/customers/make-customers.js';
import type { SendNames } from '../organizations/customers/send-names.js';
import { CustomerCache } from './ingest/customer-cache.js';
import { DeprecatedKeys } from './ingest/deprecated-keys.js';
import { ServeIngest } from './ingest/serve-ingest.js';
import { ServeOperation } from './serve-operation.js';

/** The Orb API: one door for all its operations (orb-api.ts), which asks their owners. */
export function orbFeature(
  ports: Pick<
    GatewayPorts,
    'customers' | 'orbOwners' | 'clients' | 'clock' | 'accountTimes' | 'usageTopic'
  >,
  { makeCustomers, names }: { readonly makeCustomers: MakeCustomers; readonly names: SendNames },
): Feature {
  const { customers, orbOwners, clients, clock, accountTimes, usageTopic } = ports;
  const known = new CustomerCache(customers, clock);
  const deprecated = new DeprecatedKeys(clients.usageIngest, clock);
  return {
    providers: instances(
      new ServeOperation(
        customers,
        makeCustomers,
        orbOwners,
        clients.wallets,
        clock,
        new ServeIngest(known, usageTopic, clients.usageIngest, accountTimes, deprecated),
        names,
        known,
        deprecated,
      ),
    ),
  };
}
