import type { KnownCharge } from '@orbit/contracts';
import type { Ledger } from '../ports.js';
import type { ChargesBefore } from './price-charges.js';

/** What Redis still knows of a charge id, else the books. */
export class KnownCharges implements ChargesBefore {
  constructor(
    private readonly states: {
      read(organizationId: string, chargeId: string): Promise<KnownCharge | null>;
    },
    private readonly ledger: Pick<Ledger, 'readCharge'>,
  ) {}

  async find(organizationId: string, chargeId: string): Promise<readonly KnownCharge[]> {
    const state = await this.states.read(organizationId, chargeId);
    if (state !== null) return [state];
    const outcome = await this.ledger.readCharge(organizationId, chargeId);
    if (!outcome?.booked) return [];
    const { channel, metadata } = outcome.booked;
    return [{ currency: outcome.currency, channel, metadata }];
  }
}
