import { instances, type Feature } from '@orbit/runtime';
import { KeyUses } from '../edge/keys/key-uses.js';
import { UncheckedKeys } from '../edge/keys/unchecked-keys.js';
import type { WrongKeys } from '../edge/keys/wrong-keys.js';
import type { GatewayPorts } from '../gateway.ports.js';
import { AdmitRequest } from './admit-request.js';
import type { MakeCustomers } from './customers/make-customers.js';
import { ApiKeysController } from './keys/api-keys.controller.js';
import { ManageKeys } from './keys/manage-keys.js';
import { ManageOrganizations } from './manage-organizations.js';
import { OrganizationsController } from './organizations.controller.js';

/** Organizations, their keys and how often they may ask. */
export function organizationsFeature(
  ports: Pick<
    GatewayPorts,
    | 'organizations'
    | 'gate'
    | 'hasher'
    | 'clients'
    | 'clock'
    | 'accounts'
    | 'organizationKeys'
    | 'reportLostUse'
  >,
  makeCustomers: MakeCustomers,
  wrongKeys: WrongKeys,
): Feature {
  const { organizations, gate, hasher, clients, clock, accounts, organizationKeys } = ports;
  const write = (keyId: string, at: Date): Promise<void> => organizationKeys.noteUse(keyId, at);
  const uses = new KeyUses(write, clock, ports.reportLostUse);
  const unchecked = new UncheckedKeys(() => organizations.uncheckedHashes(), clock);
  return {
    controllers: [OrganizationsController, ApiKeysController],
    providers: instances(
      new AdmitRequest(gate, organizations, hasher, wrongKeys, unchecked, uses, clock),
      new ManageKeys(organizationKeys, organizations, gate, hasher, clock),
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
