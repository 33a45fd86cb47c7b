import { Module, type DynamicModule } from '@nestjs/common';
import { moduleOfFeatures, type Feature } from '@orbit/runtime';
import { edgeFeature } from './edge/edge.module.js';
import { WrongKeys } from './edge/keys/wrong-keys.js';
import type { GatewayPorts } from './gateway.ports.js';
import { orbFeature } from './orb/orb.module.js';
import { auditFeature } from './orbit/audit/audit.module.js';
import { blocksFeature } from './orbit/blocks/blocks.module.js';
import { chargesFeature } from './orbit/charges/charges.module.js';
import { explainFeature } from './orbit/explain/explain.module.js';
import { invoicesFeature } from './orbit/invoices/invoices.module.js';
import { leasesFeature } from './orbit/leases/leases.module.js';
import { ledgerHealthFeature } from './orbit/ledger-health/ledger-health.module.js';
import { marginFeature } from './orbit/margin/margin.module.js';
import { paymentsFeature } from './orbit/payments/payments.module.js';
import { plansFeature } from './orbit/plans/plans.module.js';
import { rateCardFeature } from './orbit/rate-card/rate-card.module.js';
import { refundsFeature } from './orbit/refunds/refunds.module.js';
import { taxesFeature } from './orbit/taxes/taxes.module.js';
import { usageFeature } from './orbit/usage/usage.module.js';
import { walletsFeature } from './orbit/wallets/wallets.module.js';
import { webhooksFeature } from './orbit/webhooks/webhooks.module.js';
import { accountsFeature } from './organizations/accounts/accounts.module.js';
import { customersFeature } from './organizations/customers/customers.module.js';
import { operatorsFeature } from './organizations/operators/operators.module.js';
import { organizationsFeature } from './organizations/organizations.module.js';

export type { GatewayPorts } from './gateway.ports.js';

/** The features of the gateway over its ports. */
export function gatewayFeatures(ports: GatewayPorts): readonly Feature[] {
  const customers = customersFeature(ports);
  const wallets = walletsFeature(ports);
  const wrongKeys = new WrongKeys(ports.clock, ports.sharedWrongKeys, ports.reportWrongKey);
  return [
    edgeFeature(ports),
    customers,
    organizationsFeature(ports, customers.makeCustomers, wrongKeys),
    accountsFeature(ports, wrongKeys),
    operatorsFeature(ports, wrongKeys),
    auditFeature(ports),
    chargesFeature(ports),
    explainFeature(ports),
    leasesFeature(),
    wallets,
    blocksFeature(),
    paymentsFeature(ports, wallets.caughtUp),
    refundsFeature(),
    plansFeature(ports),
    usageFeature(ports),
    invoicesFeature(ports),
    rateCardFeature(),
    taxesFeature(),
    marginFeature(),
    webhooksFeature(),
    ledgerHealthFeature(ports),
    orbFeature(ports, customers),
  ];
}

@Module({})
export class GatewayModule {
  /** The gateway's answers without its life: what it repeats does not run. */
  static of(ports: GatewayPorts): DynamicModule {
    return moduleOfFeatures(GatewayModule, gatewayFeatures(ports));
  }
}
