import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { OrbitError, PROOF_RPC, type LedgerHealth, type RecheckedWallets } from '@orbit/contracts';
import { isCurrency, type Currency } from '@orbit/money';
import { ReadLedgerHealth } from '../application/reconcile-health.js';
import { RecheckWallets } from '../application/reconcile-recheck.js';

/** The health of the ledger and checks on demand, over Nest TCP. */
@Controller()
export class LedgerHealthController {
  constructor(
    private readonly readHealth: ReadLedgerHealth,
    private readonly recheckWallets: RecheckWallets,
  ) {}

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
