import { OrbitError } from '@orbit/contracts';
import type {
  AmendBlock,
  BlockListQuery,
  BlockPage,
  BookedView,
  CreateGrantSchedule,
  ExtendBlock,
  GrantBlock,
  GrantScheduleView,
  VoidBlock,
} from '@orbit/contracts';
import { readUnit } from '../../edge/requests/wallet-unit.js';
import type { OfWallet } from '../wallets/operate-wallets.js';
import type { OrganizationStore, Principal, WalletOperations } from '../../edge/ports.js';

type OfBlock<T extends VoidBlock> = Omit<T, 'organization_id' | 'block_id'>;

/** Credit blocks of an organization: the operator grants and changes them, both read them. */
export class OperateBlocks {
  constructor(
    private readonly organizations: OrganizationStore,
    private readonly ledger: WalletOperations,
  ) {}

  async grant(organizationId: string, grant: OfWallet<GrantBlock>): Promise<BookedView> {
    const { currency, ...rest } = grant;
    return this.ledger.grant({ ...rest, ...(await this.wallet(organizationId, currency)) });
  }

  async list(organizationId: string, query: OfWallet<BlockListQuery>): Promise<BlockPage> {
    const { currency, ...rest } = query;
    return this.ledger.listBlocks({ ...rest, ...(await this.wallet(organizationId, currency)) });
  }

  /** Blocks of the organization that asks. */
  listOwn(principal: Principal, query: OfWallet<BlockListQuery>): Promise<BlockPage> {
    const { currency, ...rest } = query;
    const unit = currency === undefined ? principal.currency : readUnit(currency);
    const wallet = { organization_id: principal.organizationId, currency: unit };
    return this.ledger.listBlocks({ ...rest, ...wallet });
  }

  async extend(
    organizationId: string,
    blockId: string,
    change: OfBlock<ExtendBlock>,
  ): Promise<BookedView> {
    return this.ledger.extendBlock({ ...change, ...(await this.block(organizationId, blockId)) });
  }

  async void(
    organizationId: string,
    blockId: string,
    change: OfBlock<VoidBlock>,
  ): Promise<BookedView> {
    return this.ledger.voidBlock({ ...change, ...(await this.block(organizationId, blockId)) });
  }

  async amend(
    organizationId: string,
    blockId: string,
    change: OfBlock<AmendBlock>,
  ): Promise<BookedView> {
    return this.ledger.amendBlock({ ...change, ...(await this.block(organizationId, blockId)) });
  }

  async createSchedule(
    organizationId: string,
    schedule: OfWallet<CreateGrantSchedule>,
  ): Promise<GrantScheduleView> {
    const { currency, ...rest } = schedule;
    const wallet = await this.wallet(organizationId, currency);
    return this.ledger.createSchedule({ ...rest, ...wallet });
  }

  async listSchedules(organizationId: string): Promise<readonly GrantScheduleView[]> {
    const { organization_id } = await this.wallet(organizationId);
    return this.ledger.listSchedules({ organization_id });
  }

  async cancelSchedule(organizationId: string, scheduleId: string): Promise<GrantScheduleView> {
    const { organization_id } = await this.wallet(organizationId);
    return this.ledger.cancelSchedule({ organization_id, schedule_id: scheduleId });
  }

  private async block(
    organizationId: string,
    blockId: string,
  ): Promise<{ organization_id: string; block_id: string }> {
    await this.wallet(organizationId);
    return { organization_id: organizationId, block_id: blockId };
  }

  private async wallet(
    organizationId: string,
    currency?: string,
  ): Promise<{ organization_id: string; currency: string }> {
    const organization = await this.organizations.read(organizationId);
    if (!organization) throw new OrbitError('not_found', 'There is no such organization.');
    const unit = currency === undefined ? organization.currency : readUnit(currency);
    return { organization_id: organization.id, currency: unit };
  }
}
