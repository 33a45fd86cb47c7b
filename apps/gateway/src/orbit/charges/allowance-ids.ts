import {
  allowanceChargeId,
  currencyOf,
  isAllowanceUnit,
  isReservedChargeId,
  unitMicros,
  type AllowanceSplit,
} from '@orbit/allowances';
import type { AuthorizationIds } from '@orbit/spend';
import type { AllowanceIds, NamedHold } from './spend-allowance.js';
import { readSplitText, splitText } from './split-text.js';

/** Authorization ids as callers see them: that of the hold, and behind it, signed, what a plan pays of it. */
export class SignedAllowanceIds implements AllowanceIds {
  constructor(private readonly ids: AuthorizationIds) {}

  read(organizationId: string, id: string): NamedHold | null {
    const written = readSplitText(id);
    if (written === null) return null;
    const { authorizationId, terms, tag } = written;
    const named = this.ids.read(organizationId, authorizationId);
    // The plan's part of a charge is ours alone to capture and to release.
    if (named === null || isReservedChargeId(named.chargeId)) return null;
    const hold = { authorizationId, chargeId: named.chargeId, terms };
    if (terms === null) {
      const isMoneyAlone = named.isSigned && named.part === '' && !isAllowanceUnit(named.currency);
      return { ...hold, isProven: isMoneyAlone };
    }
    if (tag === null) return named.isSigned ? null : { ...hold, isProven: false };
    const text = `${authorizationId}.${splitText(terms)}`;
    const isOurs = named.isSigned && this.ids.isTagOf(organizationId, text, tag);
    return isOurs ? { ...hold, isProven: true } : null;
  }

  withTerms(organizationId: string, authorizationId: string, terms: AllowanceSplit): string {
    const text = `${authorizationId}.${splitText(terms)}`;
    return `${text}.${this.ids.tagOf(organizationId, text)}`;
  }

  partOf(
    organizationId: string,
    chargeId: string,
    { unit, covered }: AllowanceSplit,
  ): string | null {
    const partId = allowanceChargeId(chargeId);
    if (partId === null) return null;
    const [currency, amountMicros] = [currencyOf(unit), unitMicros(covered)];
    return this.ids.idOf({ organizationId, currency, chargeId: partId, amountMicros, part: '' });
  }
}
