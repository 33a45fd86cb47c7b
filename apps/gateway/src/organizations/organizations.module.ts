import { instances, type Feature } from '@orbit/runtime';
import { UncheckedKeys } from '../edge/keys/unchecked-keys.js';
import type { WrongKeys } from '../edge/keys/wrong-keys.js';
import type { GatewayPorts } from '../gateway.ports.js';
import { AdmitRequest } from './admit-request.js';
import type { MakeCustomers } from './customers/make-customers.js';
import { ManageOrganizations } from './manage-organizations.js';
import { OrganizationsController } from './organizations.controller.js';

/** Organizations, their keys and how often they may ask. */
export function organizationsFeature(
  ports: Pick<GatewayPorts, 'organizations' | 'gate' | 'hasher' | 'clients' | 'clock' | 'accounts'>,
  makeCustomers: MakeCustomers,
  wrongKeys: WrongKeys,
): Feature {
  const { organizations, gate, hasher, clients, clock, accounts } = ports;
  const unchecked = new UncheckedKeys(() => organizations.uncheckedHashes(), clock);
  return {
    controllers: [OrganizationsController],
    providers: instances(
      new AdmitRequest(gate, organizations, hasher, wrongKeys, unchecked),
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
