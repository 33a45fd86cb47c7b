import { OrbitError, type ChargeRef, type ShownExplanation } from '@orbit/contracts';
import {
  decidedExplanation,
  undecidedCharge,
  undecidedExplanation,
  type ChargeView,
} from './explanation-view.js';
import { decidedChargeView } from '../../edge/requests/charge-view.js';
import type { ChargeStates } from './explain-ports.js';
import type { Principal } from '../../edge/ports.js';
import type { Clients } from '../../edge/rpc/clients.js';

/** Facts of one charge: from the books, else from its authorization, which separates undecided from unknown. */
export class ExplainCharge {
  constructor(
    private readonly ledger: Pick<Clients, 'wallets' | 'explain'>,
    private readonly states: ChargeStates,
  ) {}

  /** Errors: not_found when nobody knows it, also when it is another organization's. */
  async read({ organizationId }: Principal, chargeId: string): Promise<ChargeView> {
    const outcome = await this.ledger.wallets.readCharge(refOf(organizationId, chargeId));
    if (outcome) return decidedChargeView(outcome);
    const state = await this.states.read(organizationId, chargeId);
    if (state) return undecidedCharge(chargeId, state);
    throw notFound();
  }

  /** Errors: as `read`. */
  async explain({ organizationId }: Principal, chargeId: string): Promise<ShownExplanation> {
    const explanation = await this.ledger.explain.charge(refOf(organizationId, chargeId));
    // The authorization is an extra here: while Redis is unavailable the books explain themselves.
    const state = explanation
      ? await this.states.read(organizationId, chargeId).catch(() => null)
      : await this.states.read(organizationId, chargeId);
    if (explanation) return decidedExplanation(explanation, state);
    if (state) return undecidedExplanation(chargeId, state);
    throw notFound();
  }
}

const refOf = (organization_id: string, charge_id: string): ChargeRef => ({
  organization_id,
  charge_id,
});

const notFound = (): OrbitError => new OrbitError('not_found', 'There is no such charge.');
