import {
  ALLOWANCE_KEY,
  allowanceChargeId,
  allowanceShare,
  allowanceUnitOf,
  capturedShares,
  coveredUnits,
  currencyOf,
  isCoveredWhole,
  readAllowance,
  readSplit,
  splitOf,
  unitMicros,
  walletShare,
  type AllowanceSplit,
} from '@orbit/allowances';
import { METADATA_KEYS_MAX } from '@orbit/events';
import type { Micros } from '@orbit/money';
import type {
  Authorized,
  CaptureRefusal,
  CaptureResult,
  Charged,
  ChargeIntent,
  ChargeState,
  PublishOptions,
  Refused,
  ReleaseResult,
} from '@orbit/spend';
import type { ChargeStates } from '../explain/explain-ports.js';
import type { AuthorizedFrom, ChargedFrom, Spender } from '../../edge/ports.js';
import { splitText } from './split-text.js';

/** Keys that are added: what the charge would have cost, and what the plan pays of it. */
const KEYS_MAX = METADATA_KEYS_MAX - 3;
/** The plan's part of a split charge is held until the ledger books it; nobody captures it. */
const PART_TTL_MS = 15 * 60_000;

/** Whether an organization has a plan. Never slow, never throws: it stands before every charge. */
export interface PlanKnowledge {
  hasPlan(organizationId: string): Promise<boolean>;
  /** Stores a fresh observation: an organization that was shown a plan is charged by it from the next charge on. */
  learn(organizationId: string, hasPlan: boolean): void;
  /** It is about to buy one: for a while "no plan" is asked anew at each charge. */
  expectPlan(organizationId: string): void;
}

/** The hold that an authorization id of an organization names. */
export interface NamedHold {
  /** Of the hold alone, without terms. */
  readonly authorizationId: string;
  readonly chargeId: string;
  readonly terms: AllowanceSplit | null;
  /** Signed as it stands. Otherwise the record in Redis has to say how it is paid. */
  readonly isProven: boolean;
}

export interface AllowanceIds {
  /** Null: there is no such authorization, or it is the plan's part of another, which is ours alone. */
  read(organizationId: string, id: string): NamedHold | null;
  withTerms(organizationId: string, authorizationId: string, terms: AllowanceSplit): string;
  /** The authorization of the plan's part of a charge; null: it has none. */
  partOf(organizationId: string, chargeId: string, terms: AllowanceSplit): string | null;
}

/** A request and its result; `terms` is null when the wallet pays alone. */
interface Attempt<R> {
  readonly result: R | Refused;
  readonly terms: AllowanceSplit | null;
}
type Ask<R> = (intent: ChargeIntent) => Promise<R | Refused>;

/**
 * Takes charges and authorizations from what the plan includes before they fall on the wallet (decision 0012). The
 * allowance lies in a wallet of the channel's unit, so one charge id is one charge over both: its record in Redis says
 * how it was paid, and a repeat is paid the same. An organization without a plan asks Redis once, as without this.
 */
export class SpendAllowance implements Spender {
  constructor(
    private readonly inner: Spender,
    private readonly plans: Pick<PlanKnowledge, 'hasPlan'>,
    private readonly states: Pick<ChargeStates, 'read'>,
    private readonly ids: AllowanceIds,
  ) {}

  async charge(intent: ChargeIntent, options?: PublishOptions): Promise<ChargedFrom> {
    const ask: Ask<Charged> = (one) => this.inner.charge(one, options);
    const { result, terms } = await this.chargeAllowanceFirst(intent, ask, 0);
    return { ...result, ...paidBy(terms) };
  }

  async authorize(intent: ChargeIntent & { readonly ttlMs: number }): Promise<AuthorizedFrom> {
    const { ttlMs } = intent;
    const ask: Ask<Authorized> = (one) => this.inner.authorize({ ...one, ttlMs });
    const { result, terms } = await this.chargeAllowanceFirst(intent, ask, ttlMs);
    if (result.status === 'refused' || terms === null) return result;
    const { organizationId } = intent;
    const authorizationId = this.ids.withTerms(organizationId, result.authorizationId, terms);
    return { ...result, authorizationId, ...paidBy(terms) };
  }

  async capture(organizationId: string, id: string, amount?: Micros): Promise<CaptureResult> {
    const named = await this.find(organizationId, id);
    if (named === null) return { status: 'not_found' };
    const { authorizationId, terms } = named;
    if (terms === null) return this.inner.capture(organizationId, id, amount);
    const wanted = capturedShares(terms, amount);
    if (wanted.of === 'too_much') return { status: 'exceeds_hold' };
    if (wanted.of === 'units' && !isCoveredWhole(terms)) {
      const units = unitMicros(wanted.quantity);
      const taken = await this.capturePart(organizationId, named, terms, units);
      // To its caller it is the charge that he named; under what id its units are booked is ours.
      const { chargeId } = named;
      return taken.status === 'captured' ? { ...taken, authorizationId: id, chargeId } : taken;
    }
    const takes = wanted.of === 'units' ? unitMicros(wanted.quantity) : undefined;
    const part = wanted.of === 'money' ? wanted.amountMicros : takes;
    const captured = await this.inner.capture(organizationId, authorizationId, part);
    return captured.status === 'captured' ? { ...captured, authorizationId: id } : captured;
  }

  async release(organizationId: string, id: string): Promise<ReleaseResult> {
    const named = await this.find(organizationId, id);
    if (named === null) return { status: 'not_found' };
    const { authorizationId, chargeId, terms } = named;
    const released = await this.inner.release(organizationId, authorizationId);
    if (released.status !== 'released' || terms === null) return released;
    const partId = isCoveredWhole(terms) ? null : this.ids.partOf(organizationId, chargeId, terms);
    if (partId !== null) {
      const { status } = await this.inner.release(organizationId, partId);
      // What has expired is free already.
      if (status === 'captured' || status === 'unavailable') return { status };
    }
    return { ...released, authorizationId: id };
  }

  /**
   * The hold that an id names, and how it is paid. Where the id does not prove that itself (it is from before ids
   * were signed, or without its terms), the record of the charge says it; an id that says otherwise names nothing,
   * and nothing happens.
   */
  private async find(organizationId: string, id: string): Promise<NamedHold | null> {
    const named = this.ids.read(organizationId, id);
    if (named === null || named.isProven) return named;
    const known = await this.states.read(organizationId, named.chargeId);
    const terms = known && readSplit(known);
    const isSaid = named.terms !== null;
    if (isSaid && (terms === null || splitText(named.terms) !== splitText(terms))) return null;
    return { ...named, terms };
  }

  private async chargeAllowanceFirst<R extends Charged | Authorized>(
    intent: ChargeIntent,
    ask: Ask<R>,
    ttlMs: number,
  ): Promise<Attempt<R>> {
    const { quantity } = intent;
    const unit = allowanceUnitOf(intent.channel);
    const alone = async (): Promise<Attempt<R>> => ({ result: await ask(intent), terms: null });
    if (unit === null || Object.keys(intent.metadata).length > KEYS_MAX) return alone();
    const terms = splitOf(intent, unit, quantity);
    if (!(await this.plans.hasPlan(intent.organizationId))) {
      return this.retryAsFirstPaid(await alone(), intent, terms, ask);
    }
    const whole = { result: await ask(inUnits(intent, terms)), terms };
    if (whole.result.status !== 'refused') return whole;
    const { reason, availableMicros } = whole.result;
    // `unavailable` may be repeated; it must not be taken from the wallet meanwhile.
    if (reason === 'unavailable') return whole;
    if (reason === 'charge_id_conflict') return this.retryAsFirstPaid(whole, intent, terms, ask);
    const covered = coveredUnits(availableMicros ?? 0n, quantity);
    const split =
      reason === 'insufficient_funds' && covered > 0 && covered < quantity
        ? await this.splitCharge(intent, { ...terms, covered }, ask, ttlMs)
        : null;
    return this.retryAsFirstPaid(split ?? (await alone()), intent, terms, ask);
  }

  /**
   * Holds the plan's part, then asks for the rest, whose event says what the plan pays: the ledger books both at once.
   * Null: somebody else was quicker, or it cannot be split.
   */
  private async splitCharge<R extends Charged | Authorized>(
    intent: ChargeIntent,
    terms: AllowanceSplit,
    ask: Ask<R>,
    ttlMs: number,
  ): Promise<Attempt<R> | null> {
    const rest = besidePlan(intent, terms);
    const partId = allowanceChargeId(intent.chargeId);
    if (rest === null || partId === null) return null;
    const part = { ...inUnits(intent, terms), chargeId: partId, quantity: terms.covered };
    const held = await this.inner.authorize({
      ...{ ...part, ttlMs: ttlMs + PART_TTL_MS },
      isPlanPart: true,
    });
    if (held.status === 'refused') {
      return held.reason === 'unavailable' ? { result: held, terms: null } : null;
    }
    const result = await ask(rest);
    // Unavailable: it may have been taken; a repeat finds out. Replayed: the hold of whoever was first.
    const isFree = result.status === 'refused' && result.reason !== 'unavailable';
    if (isFree && !held.replayed) {
      await this.inner.release(intent.organizationId, held.authorizationId);
    }
    return { result, terms };
  }

  /** A charge id that is known was paid in one way; asked in that way, it is a repeat, or truly another charge. */
  private async retryAsFirstPaid<R extends Charged | Authorized>(
    taken: Attempt<R>,
    intent: ChargeIntent,
    whole: AllowanceSplit,
    ask: Ask<R>,
  ): Promise<Attempt<R>> {
    const { result } = taken;
    if (result.status !== 'refused' || result.reason !== 'charge_id_conflict') return taken;
    const first = await this.states.read(intent.organizationId, intent.chargeId);
    if (first === null) return taken;
    if (first.currency === currencyOf(whole.unit)) {
      return { result: await ask(inUnits(intent, whole)), terms: whole };
    }
    const part = readAllowance(first.metadata[ALLOWANCE_KEY]);
    if (part === null) return { result: await ask(intent), terms: null };
    const terms = { ...whole, unit: part.unit, covered: part.quantity };
    const rest = part.quantity < whole.quantity ? besidePlan(intent, terms) : null;
    return rest === null ? taken : { result: await ask(rest), terms };
  }

  /**
   * The wallet is not needed: its hold is freed first, which decides; then the allowance is charged. What cannot be
   * captured is seen before, so that a refusal leaves the hold as it was.
   */
  private async capturePart(
    organizationId: string,
    { authorizationId, chargeId }: NamedHold,
    terms: AllowanceSplit,
    amountMicros: Micros,
  ): Promise<CaptureResult> {
    const partId = this.ids.partOf(organizationId, chargeId, terms);
    const partChargeId = allowanceChargeId(chargeId);
    if (partId === null || partChargeId === null) return { status: 'not_found' };
    const part = await this.states.read(organizationId, partChargeId);
    if (part === null) {
      // All of Redis is forgotten, or this part alone: then nobody can pay for the units.
      const rest = await this.states.read(organizationId, chargeId);
      if (rest !== null) return { status: 'not_found' };
    }
    const refusal = part && refusalOf(part, terms, amountMicros);
    if (refusal) return { status: refusal };
    const { status } = await this.inner.release(organizationId, authorizationId);
    if (status === 'captured') return { status: 'conflict' };
    if (status !== 'released') return { status };
    return this.inner.capture(organizationId, partId, amountMicros);
  }
}

/** Why the plan's part of a hold cannot be captured; null: it can, or was, with this amount. */
function refusalOf(
  part: ChargeState,
  { unit }: AllowanceSplit,
  amountMicros: Micros,
): CaptureRefusal | null {
  const { state } = part;
  if (part.currency !== currencyOf(unit)) return 'not_found';
  if (state === 'released' || state === 'expired') return state;
  if (state !== 'held') return part.amountMicros === amountMicros ? null : 'conflict';
  return amountMicros > part.heldMicros ? 'exceeds_hold' : null;
}

export function paidBy(terms: AllowanceSplit | null): Pick<ChargedFrom, 'currency' | 'allowance'> {
  if (terms === null) return {};
  const allowance = { unit: terms.unit, quantity: terms.covered };
  return isCoveredWhole(terms) ? { currency: currencyOf(terms.unit), allowance } : { allowance };
}

/** The charge as it is asked of Redis when it is paid so. */
export function asPaid(intent: ChargeIntent, terms: AllowanceSplit | null): ChargeIntent {
  if (terms === null) return intent;
  return isCoveredWhole(terms) ? inUnits(intent, terms) : (besidePlan(intent, terms) ?? intent);
}

const inUnits = (intent: ChargeIntent, terms: AllowanceSplit): ChargeIntent => ({
  ...allowanceShare(intent, intent.currency, terms),
  currency: currencyOf(terms.unit),
});

const besidePlan = (intent: ChargeIntent, terms: AllowanceSplit): ChargeIntent | null =>
  walletShare(intent, intent.currency, terms);
