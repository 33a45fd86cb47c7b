import { Controller } from '@nestjs/common';
import {
  LEDGER_HEALTH,
  type LedgerHealth,
  type RecheckedWallets,
  type RecheckRequest,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { toKey } from '../../books/adapters/requests.js';
import { ReadLedgerHealth } from '../application/reconcile-health.js';
import { RecheckWallets } from '../application/reconcile-recheck.js';

/** The health of the ledger and checks on demand, over Nest TCP. */
@Controller()
export class LedgerHealthController {
  constructor(
    private readonly readHealth: ReadLedgerHealth,
    private readonly recheckWallets: RecheckWallets,
  ) {}

  @Handles(LEDGER_HEALTH.read)
  async health(): Promise<LedgerHealth> {
    return this.readHealth.run();
  }

  @Handles(LEDGER_HEALTH.recheck)
  async recheck(request: RecheckRequest): Promise<RecheckedWallets | null> {
    const { organization_id, currency, clear } = request;
    const unit = currency === undefined ? null : toKey({ organization_id, currency }).currency;
    return this.recheckWallets.run(organization_id, unit, clear);
  }
}
