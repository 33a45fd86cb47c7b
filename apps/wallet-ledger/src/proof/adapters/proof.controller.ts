import { Controller } from '@nestjs/common';
import {
  BALANCES_AT,
  EXPLAIN,
  type BalancesAtPage,
  type BalancesAtQuery,
  type ChargeExplanation,
  type ChargeRef,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { BalanceAt } from '../application/balance-at.js';
import { ExplainCharge } from '../application/explain-charge.js';

/** Explanations and past balances, over Nest TCP. */
@Controller()
export class ProofController {
  constructor(
    private readonly explainCharge: ExplainCharge,
    private readonly balanceAt: BalanceAt,
  ) {}

  @Handles(EXPLAIN.charge)
  async explain(request: ChargeRef): Promise<ChargeExplanation | null> {
    return this.explainCharge.run(request.organization_id, request.charge_id);
  }

  @Handles(BALANCES_AT.read)
  async balancesAt(query: BalancesAtQuery): Promise<BalancesAtPage> {
    return this.balanceAt.run(query);
  }
}
