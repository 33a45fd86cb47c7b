import type { ChargeRequested } from '@orbit/events';
import { parseAmount, type Micros } from '@orbit/money';
import { partIn, readChargeStates, type AuthorizationIds, type ChargeState } from '@orbit/spend';
import type { Redis } from 'ioredis';
import type { Authorizations } from '../application/authorization-ports.js';

/** Authorizations as libs/spend gives them. */
export class SpendAuthorizations implements Authorizations {
  constructor(
    private readonly ids: AuthorizationIds,
    private readonly redis: Redis,
  ) {}

  async findTrusted(
    charges: readonly ChargeRequested[],
  ): Promise<ReadonlyMap<ChargeRequested, Micros>> {
    const trusted = new Map<ChargeRequested, Micros>();
    const unsigned: ChargeRequested[] = [];
    for (const charge of charges) {
      const { organization_id: organizationId, authorization_id: id } = charge;
      if (typeof id !== 'string') continue;
      const named = this.ids.read(organizationId, id);
      if (named?.chargeId !== charge.charge_id || named.currency !== charge.currency) continue;
      if (!named.isSigned) unsigned.push(charge);
      else if (named.part === partOf(charge) && isWithin(charge, named.amountMicros)) {
        trusted.set(charge, named.amountMicros);
      }
    }
    // From before ids were signed, or of a sender that has no secret: usually none.
    if (unsigned.length === 0) return trusted;
    const states = await readChargeStates(
      this.redis,
      unsigned.map(({ organization_id: organizationId, charge_id: chargeId }) => ({
        ...{ organizationId, chargeId },
      })),
    );
    for (const [index, charge] of unsigned.entries()) {
      const state = states[index] ?? null;
      if (state !== null && isKnown(charge, state)) trusted.set(charge, state.heldMicros);
    }
    return trusted;
  }
}

const partOf = ({ metadata }: ChargeRequested): string => partIn(metadata ?? {});

/** A value that is no amount at all is for the dead letters, whoever authorized it. */
function isWithin({ amount }: ChargeRequested, heldMicros: bigint): boolean {
  const parsed = parseAmount(amount);
  return parsed.ok && parsed.amountMicros <= heldMicros;
}

/** Whether Redis knows that this was authorized: an open hold of at least as much, or a capture of just this. */
function isKnown(charge: ChargeRequested, known: ChargeState): boolean {
  if (known.currency !== charge.currency) return false;
  if (partIn(known.metadata) !== partOf(charge)) return false;
  if (known.state === 'held') return isWithin(charge, known.heldMicros);
  if (known.state !== 'captured' && known.state !== 'posted') return false;
  const parsed = parseAmount(charge.amount);
  return parsed.ok && parsed.amountMicros === known.amountMicros;
}
