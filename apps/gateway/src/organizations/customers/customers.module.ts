import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { MakeCustomers } from './make-customers.js';
import { SendNames } from './send-names.js';

/** Between two looks for customers that are half-made, in milliseconds. */
const HALF_MADE_INTERVAL_MS = 10_000;
/** The interval for external ids that usage-metering has not received yet. */
const NAMES_INTERVAL_MS = 2_000;

/** With the use case that makes customers and the sender of their names. */
export interface CustomersFeature extends Feature {
  readonly makeCustomers: MakeCustomers;
  readonly names: SendNames;
}

/** Customers of accounts: goes on with those that a kill left half-made, and with names that could not be sent. */
export function customersFeature(
  ports: Pick<GatewayPorts, 'customers' | 'orbOwners' | 'clients' | 'clock'>,
): CustomersFeature {
  const { customers, orbOwners, clients, clock } = ports;
  const names = new SendNames(customers, clients.usageIngest, clock);
  const makeCustomers = new MakeCustomers(customers, orbOwners, clients.wallets, clock, names);
  return {
    providers: instances(makeCustomers, names),
    jobs: [
      {
        name: 'end half-made customers',
        intervalMs: HALF_MADE_INTERVAL_MS,
        backsOff: false,
        run: () => makeCustomers.endHalfMade(),
      },
      { name: 'send names', intervalMs: NAMES_INTERVAL_MS, run: () => names.sendAll() },
    ],
    makeCustomers,
    names,
  };
}
