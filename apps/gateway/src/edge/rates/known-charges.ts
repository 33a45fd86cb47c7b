import type { KnownCharge } from '@orbit/contracts';
import type { Wallets } from '../ports.js';
import type { ChargesBefore } from './price-charges.js';

/** Charges by id as Redis still knows them, else the books. */
export class KnownCharges implements ChargesBefore {
  constructor(
    private readonly states: {
      read(organizationId: string, chargeId: string): Promise<KnownCharge | null>;
    },
    private readonly wallets: Pick<Wallets, 'readCharge'>,
  ) {}

  async find(organizationId: string, chargeId: string): Promise<readonly KnownCharge[]> {
    const state = await this.states.read(organizationId, chargeId);
    if (state !== null) return [state];
    const outcome = await this.wallets.readCharge({
      organization_id: organizationId,
      charge_id: chargeId,
    });
    if (!outcome?.booked) return [];
    const { channel, metadata } = outcome.booked;
    return [{ currency: outcome.currency, channel, metadata }];
  }
}
