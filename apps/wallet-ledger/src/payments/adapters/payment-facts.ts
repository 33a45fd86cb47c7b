import { isCurrency, parseAmount, type Micros } from '@orbit/money';
import type { WalletKey } from '../../books/application/ports.js';

/** Fields that every fact about a payment has. */
export interface PaymentFact {
  readonly key: WalletKey;
  readonly topUpId: string;
  readonly amountMicros: Micros;
}

/** The fact, or why it can never be one. */
export function readFact(value: {
  readonly organization_id: string;
  readonly topup_id: string;
  readonly amount: string;
  readonly currency: string;
}): PaymentFact | string {
  const { organization_id: organizationId, currency, topup_id: topUpId } = value;
  const amount = parseAmount(value.amount);
  if (!amount.ok) return `amount: ${amount.fault}`;
  if (amount.amountMicros <= 0n) return 'amount: is positive';
  if (!isCurrency(currency)) return `currency: ${currency} is not supported`;
  return { key: { organizationId, currency }, topUpId, amountMicros: amount.amountMicros };
}
