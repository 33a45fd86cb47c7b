import { OrbitError, type WalletRef } from '@orbit/contracts';
import type { Currency } from '@orbit/money';
import type { OrganizationStore, Principal } from '../ports.js';
import { readUnit } from './wallet-unit.js';

/** Which wallet a request means: in the unit that it names, else in the organization's currency. */
export class OrganizationWallets {
  constructor(private readonly organizations: OrganizationStore) {}

  /** Of any organization, for the operator. Errors: OrbitError `not_found`, `unsupported_currency`. */
  async of(organizationId: string, unit?: string): Promise<WalletRef> {
    const organization = await this.organizations.read(organizationId);
    if (!organization) throw new OrbitError('not_found', 'There is no such organization.');
    const currency = unit === undefined ? organization.currency : readUnit(unit);
    return { organization_id: organization.id, currency };
  }

  /** The organization alone. Errors: OrbitError `not_found`. */
  async organization(organizationId: string): Promise<{ readonly organization_id: string }> {
    const { organization_id } = await this.of(organizationId);
    return { organization_id };
  }
}

/** Of the organization that asks. Errors: OrbitError `unsupported_currency`. */
export const ownWallet = (
  principal: Principal,
  unit?: string,
): WalletRef & { readonly currency: Currency } => ({
  organization_id: principal.organizationId,
  currency: unit === undefined ? principal.currency : readUnit(unit),
});
