import { isIsoCurrency, type Currency } from '@orbit/money';
import type { Principal } from '../../edge/ports.js';
import { readUnit, requireCurrency } from '../../edge/requests/wallet-unit.js';

/**
 * The currency or unit that `amount` counts. Money goes to a wallet of that money; one in a custom unit is also
 * bought by money, and checkout knows by which and how much. Errors: OrbitError `unsupported_currency`,
 * `invalid_field`.
 */
export function paidFor(
  principal: Principal,
  given: string | undefined,
): { readonly currency: Currency; readonly wallet_unit?: Currency } {
  const { currency } = principal;
  const requested = given === undefined ? currency : readUnit(given);
  if (!isIsoCurrency(currency)) return { currency: requested, wallet_unit: currency };
  requireCurrency(principal, requested);
  return { currency };
}
