import { OrbitError } from '@orbit/contracts';
import type {
  AdjustWallet,
  BookedView,
  ConfigureWallet,
  ReverseCharge,
  WalletPoliciesView,
  WalletRef,
} from '@orbit/contracts';
import { readUnit } from '../../edge/requests/wallet-unit.js';
import type { OrganizationStore, WalletOperations } from '../../edge/ports.js';

/** What an operator asks of one wallet of an organization, by currency or custom unit. */
export type OfWallet<T extends WalletRef> = Omit<T, 'organization_id' | 'currency'> & {
  /** Absent: the organization's own currency. */
  readonly currency?: string | undefined;
};

/** What an operator does with the wallets of an organization; the ledger decides. */
export class OperateWallets {
  constructor(
    private readonly organizations: OrganizationStore,
    private readonly ledger: WalletOperations,
  ) {}

  async readPolicies(organizationId: string, currency: string): Promise<WalletPoliciesView> {
    return this.ledger.readPolicies(await this.wallet(organizationId, currency));
  }

  async configure(
    organizationId: string,
    policies: OfWallet<ConfigureWallet>,
  ): Promise<WalletPoliciesView> {
    return this.ledger.configure(await this.of(organizationId, policies));
  }

  async adjust(organizationId: string, adjustment: OfWallet<AdjustWallet>): Promise<BookedView> {
    return this.ledger.adjust(await this.of(organizationId, adjustment));
  }

  async reverse(
    organizationId: string,
    reversal: Omit<ReverseCharge, 'organization_id'>,
  ): Promise<BookedView> {
    const { organization_id } = await this.wallet(organizationId);
    return this.ledger.reverse({ ...reversal, organization_id });
  }

  private async of<T extends WalletRef>(organizationId: string, request: OfWallet<T>): Promise<T> {
    const wallet = await this.wallet(organizationId, request.currency);
    return { ...request, ...wallet } as unknown as T;
  }

  private async wallet(organizationId: string, currency?: string): Promise<WalletRef> {
    const organization = await this.organizations.read(organizationId);
    if (!organization) throw new OrbitError('not_found', 'There is no such organization.');
    const unit = currency === undefined ? organization.currency : readUnit(currency);
    return { organization_id: organization.id, currency: unit };
  }
}
