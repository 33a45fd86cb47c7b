import type { LedgerRules } from './books/application/ledger-rules.js';
import { decideCharge } from './charges/domain/charge.js';
import { ExpiredCredit } from './charges/domain/late-usage.js';
import { applyClawbacks, applyParkedClawbacks } from './payments/domain/clawbacks.js';

/** The deciders of this ledger, for the group commit and for deciding again what was booked. */
export const LEDGER_RULES: LedgerRules = {
  decideCharge,
  expiredPayerOf: (wallet, nowMs) => ExpiredCredit.of(wallet, nowMs),
  applyParkedClawbacks,
  applyClawbacks,
};
