import { rpcClient, WALLETS, type Client, type LoadedWalletView } from '@orbit/contracts';
import { requireAmount, type Currency } from '@orbit/money';
import type { LeaseRpc } from '../lease/spend-lease-ledgers.js';
import type { LoadedWallet, WalletLoader } from '../types.js';

/** Wallets over the RPC of wallet-ledger, for every process that authorizes; `RpcClient` of @orbit/runtime fits. */
export class RpcWalletLoader implements WalletLoader {
  private readonly wallets: Client<typeof WALLETS>;

  constructor(rpc: LeaseRpc) {
    this.wallets = rpcClient(WALLETS, rpc);
  }

  async load(organizationId: string, currency: Currency): Promise<LoadedWallet | null> {
    const ref = { organization_id: organizationId, currency };
    const view = await this.wallets.load(ref);
    return view && toLoadedWallet(view);
  }
}

function toLoadedWallet(view: LoadedWalletView): LoadedWallet {
  return {
    isRecovering: view.recovering,
    outagePolicy: view.outage_policy,
    outageBudgetMicros: requireAmount(view.outage_budget),
    pausedReason: view.outbound_block_reason,
  };
}
