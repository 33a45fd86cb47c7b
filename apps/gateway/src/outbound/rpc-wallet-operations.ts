import {
  BLOCKS_RPC,
  type AdjustWallet,
  type BookedView,
  type ConfigureWallet,
  type WalletPoliciesView,
  type WalletRef,
} from '@orbit/contracts';
import type { WalletOperations } from '../application/ports.js';
import type { Rpc } from './rpc-services.js';

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
}
