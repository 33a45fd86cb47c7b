import { instances, type Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../gateway.ports.js';
import { AdmitRequest } from './admit-request.js';
import type { MakeCustomers } from './customers/make-customers.js';
import { ManageOrganizations } from './manage-organizations.js';
import { OrganizationsController } from './organizations.controller.js';

/** Organizations, their keys and how often they may ask. */
export function organizationsFeature(
  ports: Pick<GatewayPorts, 'organizations' | 'gate' | 'hasher' | 'clients' | 'clock' | 'accounts'>,
  makeCustomers: MakeCustomers,
): Feature {
  const { organizations, gate, hasher, clients, clock, accounts } = ports;
  return {
    controllers: [OrganizationsController],
    providers: instances(
      new AdmitRequest(gate, organizations, hasher),
      new ManageOrganizations(
        organizations,
        gate,
        hasher,
        clients.wallets,
        clock,
        accounts,
        makeCustomers,
      ),
    ),
  };
}
