import { METADATA_KEYS_MAX } from '@orbit/events';
import { formatMicros, micros, type Currency } from '@orbit/money';
import type { ChargeIntent, PublishOptions } from '@orbit/spend';
import { allowanceUnitOf } from '../domain/plan-view.js';
import type { ChargedFrom, Spender } from './ports.js';

const MICROS_PER_UNIT = 1_000_000n;
/** Two keys are added: what the charge would have cost. */
const KEYS_MAX = METADATA_KEYS_MAX - 2;

/** Whether an organization has a plan. Never slow, never throws: it stands before every charge. */
export interface PlanKnowledge {
  hasPlan(organizationId: string): Promise<boolean>;
}

/**
 * Takes a charge from what the plan includes before it falls on the wallet. The allowance lies in a wallet of the
 * channel's unit, so the ledger decides, and one charge id is one charge over both: a repeat finds where it was taken.
 * Authorizations hold money: what will be captured is known in money only.
 */
export class SpendAllowance implements Spender {
  readonly authorize: Spender['authorize'];
  readonly capture: Spender['capture'];
  readonly release: Spender['release'];

  constructor(
    private readonly inner: Spender,
    private readonly plans: PlanKnowledge,
  ) {
    this.authorize = inner.authorize.bind(inner);
    this.capture = inner.capture.bind(inner);
    this.release = inner.release.bind(inner);
  }

  async charge(intent: ChargeIntent, options?: PublishOptions): Promise<ChargedFrom> {
    const unit = allowanceUnitOf(intent.channel);
    const isIncludable = unit !== null && Object.keys(intent.metadata).length <= KEYS_MAX;
    if (!isIncludable) return this.inner.charge(intent, options);
    // A custom unit of ours; its name has the form of one.
    const currency = unit as unknown as Currency;
    if (!(await this.plans.hasPlan(intent.organizationId))) {
      const taken = await this.inner.charge(intent, options);
      const isTold = taken.status === 'charged' || taken.reason !== 'charge_id_conflict';
      if (isTold) return taken;
      // Taken while there was a plan? Then this is a repeat: the id is known, so nothing new is taken.
      const first = await this.inner.charge(inUnits(intent, currency), options);
      return first.status === 'charged' ? { ...first, currency } : taken;
    }
    const result = await this.inner.charge(inUnits(intent, currency), options);
    // `unavailable` may be repeated; it must not be taken from the wallet meanwhile.
    if (result.status === 'refused' && result.reason !== 'unavailable') {
      return this.inner.charge(intent, options);
    }
    return result.status === 'charged' ? { ...result, currency } : result;
  }
}

/** The price goes along: it is part of the charge's identity, and tells what the allowance was worth. */
function inUnits(intent: ChargeIntent, currency: Currency): ChargeIntent {
  return {
    ...intent,
    currency,
    amountMicros: micros(BigInt(intent.quantity) * MICROS_PER_UNIT),
    metadata: {
      ...intent.metadata,
      price_amount: formatMicros(intent.amountMicros),
      price_currency: intent.currency,
    },
  };
}
