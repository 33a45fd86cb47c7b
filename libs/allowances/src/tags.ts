import { isAllowanceUnit, type AllowanceUnit } from './unit.js';

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
  const [, unit = '', quantity = ''] = (typeof value === 'string' && PART.exec(value)) || [];
  return isAllowanceUnit(unit) ? { unit, quantity: Number(quantity) } : null;
}
