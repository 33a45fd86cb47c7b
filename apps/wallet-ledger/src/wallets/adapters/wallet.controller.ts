import { Controller } from '@nestjs/common';
import {
  TRANSACTIONS,
  WALLETS,
  type ChargeOutcomeView,
  type ChargeRef,
  type LoadedWalletView,
  type OpenWallet,
  type PauseWallet,
  type TransactionListQuery,
  type TransactionPage,
  type WalletMovementsQuery,
  type WalletMovementsView,
  type WalletRef,
  type WalletView,
} from '@orbit/contracts';
import { requireAmount } from '@orbit/money';
import { Handles } from '@orbit/runtime';
import { toKey } from '../../books/adapters/requests.js';
import { ChangeWallet } from '../../books/application/change-wallet.js';
import { ReadMovements } from '../application/read-movements.js';
import { ReadWallet } from '../application/read-wallet.js';

/** Wallets and their entries, over Nest TCP. */
@Controller()
export class WalletController {
  constructor(
    private readonly readWallet: ReadWallet,
    private readonly changeWallet: ChangeWallet,
    private readonly readMovements: ReadMovements,
  ) {}

  @Handles(WALLETS.open)
  async open(request: OpenWallet): Promise<WalletView> {
    const { low_balance_threshold: threshold, account_id: accountId = null } = request;
    const lowBalanceMicros = threshold === undefined ? null : requireAmount(threshold);
    return this.changeWallet.open(toKey(request), lowBalanceMicros, accountId);
  }

  @Handles(WALLETS.read)
  async read(request: WalletRef): Promise<WalletView | null> {
    return this.readWallet.read(toKey(request));
  }

  @Handles(WALLETS.load)
  async load(request: WalletRef): Promise<LoadedWalletView | null> {
    return this.changeWallet.load(toKey(request));
  }

  @Handles(WALLETS.pause)
  async pause(request: PauseWallet): Promise<WalletView> {
    return this.changeWallet.setPaused(toKey(request), request.paused);
  }

  @Handles(WALLETS.readCharge)
  async readCharge(request: ChargeRef): Promise<ChargeOutcomeView | null> {
    return this.readWallet.readCharge(request.organization_id, request.charge_id);
  }

  @Handles(WALLETS.movements)
  async movements(request: WalletMovementsQuery): Promise<WalletMovementsView | null> {
    const { threshold, after_sequence: after, from } = request;
    return this.readMovements.read(toKey(request), {
      thresholdMicros: requireAmount(threshold),
      afterSequence: after === undefined ? 0n : BigInt(after),
      fromMs: from === undefined ? 0 : Date.parse(from),
    });
  }

  @Handles(TRANSACTIONS.list)
  async listTransactions(query: TransactionListQuery): Promise<TransactionPage> {
    return this.readWallet.listTransactions(query);
  }
}
