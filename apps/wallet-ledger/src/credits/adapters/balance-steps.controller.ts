import { Controller } from '@nestjs/common';
import {
  BALANCE_STEPS,
  type BalanceStepsAsk,
  type BalanceStepView,
  type WalletBalance,
  type WalletRef,
  type WalletSteps,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { toKey } from '../../books/adapters/requests.js';
import { ReadBalanceSteps } from '../application/read-balance-steps.js';

/** How balances moved, over Nest TCP. */
@Controller()
export class BalanceStepsController {
  constructor(private readonly steps: ReadBalanceSteps) {}

  @Handles(BALANCE_STEPS.after)
  async after(request: {
    readonly wallets: readonly BalanceStepsAsk[];
  }): Promise<readonly WalletSteps[]> {
    const asks = request.wallets.map((ask) => ({
      ...toKey(ask),
      afterSequence: BigInt(ask.after_sequence),
    }));
    return this.steps.after(asks);
  }

  @Handles(BALANCE_STEPS.last)
  async last(wallet: WalletRef): Promise<BalanceStepView> {
    return this.steps.last(toKey(wallet));
  }

  @Handles(BALANCE_STEPS.balances)
  async balances(request: { readonly organization_id: string }): Promise<readonly WalletBalance[]> {
    return this.steps.balances(request.organization_id);
  }
}
