import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  OrbitError,
  PROOF_RPC,
  type BalancesAtPage,
  type BalancesAtQuery,
  type ChargeExplanation,
  type LedgerHealth,
  type RecheckedWallets,
} from '@orbit/contracts';
import { isCurrency, type Currency } from '@orbit/money';
import { BalanceAt } from '../application/balance-at.js';
import { ExplainCharge } from '../application/explain-charge.js';
import { ReadLedgerHealth } from '../../reconciliation/application/reconcile-health.js';
import { RecheckWallets } from '../../reconciliation/application/reconcile-recheck.js';

/** What others ask about the truth of the ledger, over Nest TCP. */
@Controller()
export class ProofController {
  constructor(
    private readonly explainCharge: ExplainCharge,
    private readonly balanceAt: BalanceAt,
    private readonly readHealth: ReadLedgerHealth,
    private readonly recheckWallets: RecheckWallets,
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

  @MessagePattern(PROOF_RPC.health)
  health(): Promise<LedgerHealth> {
    return this.readHealth.run();
  }

  @MessagePattern(PROOF_RPC.recheck)
  recheck(request: {
    organization_id: string;
    currency?: string;
    clear: boolean;
  }): Promise<RecheckedWallets | null> {
    return this.recheckWallets.run(request.organization_id, currencyOf(request), request.clear);
  }
}

function currencyOf({ currency }: { currency?: string }): Currency | null {
  if (currency === undefined) return null;
  if (!isCurrency(currency)) {
    throw new OrbitError('unsupported_currency', `${currency} is not supported.`, {
      param: 'currency',
    });
  }
  return currency;
}
