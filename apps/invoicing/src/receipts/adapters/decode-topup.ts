import type { TopUpCompleted } from '@orbit/events';
import { centsFloor, isIsoCurrency, microsFromMinor, parseAmount } from '@orbit/money';
import type { PaidTopUp } from '../domain/invoice.js';

const YEAR_MIN = 2000;
const YEAR_MAX = 2999;

/** Refuses what the JSON Schema cannot: a value that has the right shape and no meaning. */
export function decodeTopUp(
  event: TopUpCompleted,
): { ok: true; topUp: PaidTopUp } | { ok: false; detail: string } {
  // A receipt says what was paid, whatever the wallet counts in.
  const { currency, amount: paid } = event.paid ?? event;
  const { payment_method: method } = event;
  const amount = parseAmount(paid);
  if (!isIsoCurrency(currency))
    return { ok: false, detail: `currency: ${currency} is not supported` };
  if (!amount.ok) return { ok: false, detail: `amount: ${amount.fault}` };
  const credited = parseAmount(event.amount);
  if (!credited.ok) return { ok: false, detail: `amount: ${credited.fault}` };
  if (credited.amountMicros <= 0n) return { ok: false, detail: 'amount: not positive' };
  const amountMinor = centsFloor(amount.amountMicros, currency);
  // A payment is whole minor units; rounding one would make a receipt that nobody paid.
  if (amountMinor <= 0n || microsFromMinor(amountMinor, currency) !== amount.amountMicros)
    return { ok: false, detail: 'amount: not a positive number of whole minor units' };
  const paidAtMs = Date.parse(event.occurred_at);
  const year = new Date(paidAtMs).getUTCFullYear();
  if (!(year >= YEAR_MIN && year <= YEAR_MAX))
    return { ok: false, detail: 'occurred_at: no such instant' };
  const texts = [
    event.organization_id,
    event.topup_id,
    event.reference,
    event.payment_intent_id,
    event.receipt_email,
    method?.brand,
    method?.last4,
  ];
  // Postgres text cannot hold it; one such value must not fail its whole batch for ever.
  if (texts.some((text) => text?.includes('\0')))
    return { ok: false, detail: 'a text holds a NUL' };
  const topUp: PaidTopUp = {
    topupId: event.topup_id,
    organizationId: event.organization_id,
    amountMinor,
    currency,
    credited: { micros: credited.amountMicros, unit: event.currency },
    reference: event.reference,
    paymentIntentId: event.payment_intent_id,
    card: method === null ? null : { brand: method.brand, last4: method.last4 },
    receiptEmail: event.receipt_email,
    paidAtMs,
  };
  return { ok: true, topUp };
}
