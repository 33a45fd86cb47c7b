import {
  BLOCKS_RPC,
  type AdjustWallet,
  type AmendBlock,
  type BlockListQuery,
  type BlockPage,
  type BookedView,
  type ConfigureWallet,
  type CreateGrantSchedule,
  type ExtendBlock,
  type GrantBlock,
  type GrantScheduleView,
  type ReverseCharge,
  type VoidBlock,
  type WalletPoliciesView,
  type WalletRef,
} from '@orbit/contracts';
import type { WalletOperations } from '../../edge/ports.js';
import type { Rpc } from '../../edge/rpc/rpc-services.js';

export class RpcWalletOperations implements WalletOperations {
  constructor(private readonly rpc: Rpc) {}

  readPolicies(wallet: WalletRef): Promise<WalletPoliciesView> {
    return this.rpc.call(BLOCKS_RPC.readPolicies, wallet);
  }

  configure(request: ConfigureWallet): Promise<WalletPoliciesView> {
    return this.rpc.call(BLOCKS_RPC.configure, request);
  }

  adjust(request: AdjustWallet): Promise<BookedView> {
    return this.rpc.call(BLOCKS_RPC.adjust, request);
  }

  reverse(request: ReverseCharge): Promise<BookedView> {
    return this.rpc.call(BLOCKS_RPC.reverse, request);
  }

  grant(request: GrantBlock): Promise<BookedView> {
    return this.rpc.call(BLOCKS_RPC.grant, request);
  }

  listBlocks(query: BlockListQuery): Promise<BlockPage> {
    return this.rpc.call(BLOCKS_RPC.list, query);
  }

  extendBlock(request: ExtendBlock): Promise<BookedView> {
    return this.rpc.call(BLOCKS_RPC.extend, request);
  }

  voidBlock(request: VoidBlock): Promise<BookedView> {
    return this.rpc.call(BLOCKS_RPC.void, request);
  }

  amendBlock(request: AmendBlock): Promise<BookedView> {
    return this.rpc.call(BLOCKS_RPC.amend, request);
  }

  createSchedule(request: CreateGrantSchedule): Promise<GrantScheduleView> {
    return this.rpc.call(BLOCKS_RPC.createSchedule, request);
  }

  listSchedules(organization: { organization_id: string }): Promise<GrantScheduleView[]> {
    return this.rpc.call(BLOCKS_RPC.listSchedules, organization);
  }

  cancelSchedule(schedule: {
    organization_id: string;
    schedule_id: string;
  }): Promise<GrantScheduleView> {
    return this.rpc.call(BLOCKS_RPC.cancelSchedule, schedule);
  }
}
