import { ALLOWANCE_UNITS, allowanceChargeId, isReservedChargeId } from '@orbit/contracts';
import { micros, type Currency } from '@orbit/money';
import type { AuthorizationIds } from '@orbit/spend';
import type { AllowanceIds, NamedHold } from './spend-allowance.js';
import { MICROS_PER_UNIT, readTerms, termsText, type PlanTerms } from './plan-terms.js';

/** Authorization ids as callers see them: that of the hold, and behind it, signed, what a plan pays of it. */
export class SignedAllowanceIds implements AllowanceIds {
  constructor(private readonly ids: AuthorizationIds) {}

  read(organizationId: string, id: string): NamedHold | null {
    const written = readTerms(id);
    if (written === null) return null;
    const { authorizationId, terms, tag } = written;
    const named = this.ids.read(organizationId, authorizationId);
    // The plan's part of a charge is ours alone to capture and to release.
    if (named === null || isReservedChargeId(named.chargeId)) return null;
    const hold = { authorizationId, chargeId: named.chargeId, terms };
    if (terms === null) {
      const isMoneyAlone = named.isSigned && named.part === '' && !isUnit(named.currency);
      return { ...hold, isProven: isMoneyAlone };
    }
    if (tag === null) return named.isSigned ? null : { ...hold, isProven: false };
    const text = `${authorizationId}.${termsText(terms)}`;
    const isOurs = named.isSigned && this.ids.isTagOf(organizationId, text, tag);
    return isOurs ? { ...hold, isProven: true } : null;
  }

  withTerms(organizationId: string, authorizationId: string, terms: PlanTerms): string {
    const text = `${authorizationId}.${termsText(terms)}`;
    return `${text}.${this.ids.tagOf(organizationId, text)}`;
  }

  partOf(organizationId: string, chargeId: string, { unit, covered }: PlanTerms): string | null {
    const partId = allowanceChargeId(chargeId);
    if (partId === null) return null;
    // A custom unit of ours; its name has the form of one.
    const currency = unit as unknown as Currency;
    const amountMicros = micros(BigInt(covered) * MICROS_PER_UNIT);
    return this.ids.idOf({ organizationId, currency, chargeId: partId, amountMicros, part: '' });
  }
}

const isUnit = (currency: string): boolean =>
  (ALLOWANCE_UNITS as readonly string[]).includes(currency);
