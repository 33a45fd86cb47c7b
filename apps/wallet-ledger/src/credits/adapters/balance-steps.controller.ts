import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  BALANCE_STEPS_RPC,
  BALANCE_STEPS_WALLETS_MAX,
  type BalanceStepsAsk,
  type BalanceStepView,
  type WalletBalance,
  type WalletSteps,
} from '@orbit/contracts';
import { invalid, toKey } from '../../books/adapters/requests.js';
import { ReadBalanceSteps } from '../application/read-balance-steps.js';

const SEQUENCE = /^\d{1,18}$/;

/** How balances moved, over Nest TCP; BALANCE_STEPS_RPC says what it takes. */
@Controller()
export class BalanceStepsController {
  constructor(private readonly steps: ReadBalanceSteps) {}

  @MessagePattern(BALANCE_STEPS_RPC.after)
  after({ wallets }: { wallets: readonly BalanceStepsAsk[] }): Promise<readonly WalletSteps[]> {
    if (!Array.isArray(wallets) || wallets.length > BALANCE_STEPS_WALLETS_MAX) {
      const most = String(BALANCE_STEPS_WALLETS_MAX);
      throw invalid('wallets', `wallets are a list of at most ${most}.`);
    }
    return this.steps.after(
      wallets.map((ask: BalanceStepsAsk) => ({
        ...toKey(ask),
        afterSequence: readSequence(ask.after_sequence),
      })),
    );
  }

  @MessagePattern(BALANCE_STEPS_RPC.last)
  last(ask: Pick<BalanceStepsAsk, 'organization_id' | 'currency'>): Promise<BalanceStepView> {
    return this.steps.last(toKey(ask));
  }

  @MessagePattern(BALANCE_STEPS_RPC.balances)
  balances({
    organization_id: id,
  }: {
    organization_id: unknown;
  }): Promise<readonly WalletBalance[]> {
    if (typeof id === 'string') return this.steps.balances(id);
    throw invalid('organization_id', 'organization_id is a text.');
  }
}

function readSequence(value: unknown): bigint {
  if (typeof value === 'string' && SEQUENCE.test(value)) return BigInt(value);
  throw invalid('after_sequence', 'after_sequence is a whole number as text.');
}
