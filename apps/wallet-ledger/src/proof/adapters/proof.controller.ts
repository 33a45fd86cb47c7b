import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  PROOF_RPC,
  type BalancesAtPage,
  type BalancesAtQuery,
  type ChargeExplanation,
} from '@orbit/contracts';
import { BalanceAt } from '../application/balance-at.js';
import { ExplainCharge } from '../application/explain-charge.js';

/** Explanations and past balances, over Nest TCP. */
@Controller()
export class ProofController {
  constructor(
    private readonly explainCharge: ExplainCharge,
    private readonly balanceAt: BalanceAt,
  ) {}

  @MessagePattern(PROOF_RPC.explainCharge)
  explain(request: {
    organization_id: string;
    charge_id: string;
  }): Promise<ChargeExplanation | null> {
    return this.explainCharge.run(request.organization_id, request.charge_id);
  }

  @MessagePattern(PROOF_RPC.balancesAt)
  balancesAt(query: BalancesAtQuery): Promise<BalancesAtPage> {
    return this.balanceAt.run(query);
  }
}
