import { instances, type Feature } from '@orbit/runtime';
import { CardMemory } from '@orbit/spend';
import type { GatewayPorts } from '../gateway.ports.js';
import { AUDIT } from './audit/audit-entry.js';
import { Envelopes } from './http/envelope.js';
import { HealthController, READINESS } from './http/health.controller.js';
import { KnownCharges } from './rates/known-charges.js';
import { PriceCharges } from './rates/price-charges.js';
import { OrganizationWallets } from './requests/organization-wallets.js';
import { CLIENTS } from './rpc/clients.js';

/** The ground of the gateway: what every feature answers with, and the prices of charges. */
export function edgeFeature(
  ports: Pick<
    GatewayPorts,
    'clock' | 'clients' | 'organizations' | 'chargeStates' | 'readiness' | 'audit'
  >,
): Feature {
  const { clock, clients } = ports;
  const cards = new CardMemory(clients.rateCards, clock);
  return {
    controllers: [HealthController],
    providers: [
      ...instances(
        new Envelopes(clock),
        new OrganizationWallets(ports.organizations),
        cards,
        new PriceCharges(cards, new KnownCharges(ports.chargeStates, clients.wallets)),
      ),
      { provide: CLIENTS, useValue: clients },
      { provide: AUDIT, useValue: ports.audit },
      { provide: READINESS, useValue: ports.readiness },
    ],
  };
}
