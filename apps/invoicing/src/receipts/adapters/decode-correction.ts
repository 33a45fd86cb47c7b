import { isCurrency, parseAmount } from '@orbit/money';
import type { Correction, CorrectionKind, CorrectionState } from '../domain/correction.js';

const YEAR_MIN = 2000;
const YEAR_MAX = 2999;

/** The fields of every fact about a refund, dispute or withdrawal. */
interface CorrectionFact {
  readonly topup_id: string;
  readonly organization_id: string;
  readonly amount: string;
  readonly currency: string;
  readonly occurred_at: string;
}

/** Refuses what the JSON Schema cannot: a value that has the right shape and no meaning. */
export function decodeCorrection(
  event: CorrectionFact,
  kind: CorrectionKind,
  correctionId: string,
  state: CorrectionState,
): { ok: true; correction: Correction } | { ok: false; detail: string } {
  const amount = parseAmount(event.amount);
  if (!amount.ok) return { ok: false, detail: `amount: ${amount.fault}` };
  if (amount.amountMicros <= 0n && kind !== 'withdrawal')
    return { ok: false, detail: 'amount: not positive' };
  if (!isCurrency(event.currency))
    return { ok: false, detail: `currency: ${event.currency} is not supported` };
  const occurredAtMs = Date.parse(event.occurred_at);
  const year = new Date(occurredAtMs).getUTCFullYear();
  if (!(year >= YEAR_MIN && year <= YEAR_MAX))
    return { ok: false, detail: 'occurred_at: no such instant' };
  // Postgres text cannot hold it; one such value must not fail its whole batch for ever.
  if ([event.organization_id, event.topup_id, correctionId].some((text) => text.includes('\0')))
    return { ok: false, detail: 'a text holds a NUL' };
  const correction: Correction = {
    kind,
    correctionId,
    state,
    organizationId: event.organization_id,
    topupId: event.topup_id,
    amountMicros: amount.amountMicros,
    unit: event.currency,
    occurredAtMs,
  };
  return { ok: true, correction };
}
