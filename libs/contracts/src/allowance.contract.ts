import { ALLOWANCE_UNITS, type AllowanceUnit } from './subscriptions.contract.js';

/** The part of one charge that a plan pays. */
export interface AllowancePart {
  readonly unit: AllowanceUnit;
  /** Whole units. */
  readonly quantity: number;
}

/**
 * Metadata key, ours alone, of an authorized charge of money that a plan pays in part: `<unit>:<quantity>`. The ledger
 * books that part too, under `allowanceChargeId`, in the same transaction.
 */
export const ALLOWANCE_KEY = 'orbit_allowance';
/** Metadata keys of what a charge costs in all, where a plan pays some of it. */
export const PRICE_KEYS = { amount: 'price_amount', currency: 'price_currency' } as const;

const SUFFIX = '~plan';
/** Suffix of the ids of charges that we make ourselves; callers may not use it. */
export const RESERVED_IN_CHARGE_IDS = SUFFIX;
const CHARGE_ID_LENGTH_MAX = 255;
const PART = /^([a-z_]+):([1-9]\d{0,9})$/;

/** The charge id of the part that the plan pays; null: too long to have one. */
export function allowanceChargeId(chargeId: string): string | null {
  const id = `${chargeId}${SUFFIX}`;
  return id.length <= CHARGE_ID_LENGTH_MAX ? id : null;
}

/** Whether a charge id is one that only we make; nobody outside may charge, capture or release under it. */
export const isReservedChargeId = (chargeId: string): boolean =>
  chargeId.includes(RESERVED_IN_CHARGE_IDS);

export const allowanceText = ({ unit, quantity }: AllowancePart): string => `${unit}:${quantity}`;

/** Null: no such part. */
export function readAllowance(value: unknown): AllowancePart | null {
  const found = typeof value === 'string' ? PART.exec(value) : null;
  const unit = ALLOWANCE_UNITS.find((one) => one === found?.[1]);
  return found === null || unit === undefined ? null : { unit, quantity: Number(found[2]) };
}

const MESSAGE_CHANNELS: readonly string[] = ['sms', 'whatsapp', 'email', 'rcs', 'viber'];
/** Channels whose charges count invocations of agents. */
export const AGENT_CHANNELS: readonly string[] = ['agents', 'agent'];
export const VOICE_CHANNEL = 'voice';

/** The unit of the wallet that holds what a plan includes for a channel; null: never included. */
export function allowanceUnitOf(channel: string): AllowanceUnit | null {
  if (MESSAGE_CHANNELS.includes(channel)) return 'messages';
  if (channel === VOICE_CHANNEL) return 'voice_minutes';
  return AGENT_CHANNELS.includes(channel) ? 'agent_invocations' : null;
}
