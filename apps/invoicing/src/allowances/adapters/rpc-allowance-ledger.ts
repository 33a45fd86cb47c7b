import { BLOCKS, type Client, type GrantBlock } from '@orbit/contracts';
import type { AllowanceLedger, DueGrant } from '../application/ports.js';

/** A paid period's allowance as a block of its own: spent first, gone with the period. */
export class RpcAllowanceLedger implements AllowanceLedger {
  constructor(private readonly blocks: Pick<Client<typeof BLOCKS>, 'grant'>) {}

  async grant(due: DueGrant): Promise<void> {
    const periodEnd = new Date(due.periodEndMs).toISOString();
    const request: GrantBlock = {
      organization_id: due.organizationId,
      currency: due.unit,
      amount: String(due.quantity),
      kind: 'promotional',
      priority: 0,
      cost_basis: '0',
      expires_at: periodEnd,
      reference: `plan:${due.subscriptionId}:${periodEnd}:${due.planId}`,
      description: `Included in ${due.planId}`,
    };
    await this.blocks.grant(request);
  }
}
