import type { CreditLedger } from './application/ports.js';

/** A ledger in which nobody holds credit. */
export const noCredits: CreditLedger = {
  held: () => Promise.resolve(new Set()),
  draw: () => Promise.resolve(new Map()),
  preview: () => Promise.resolve(new Map()),
  accrue: () => Promise.resolve(),
  holders: () => Promise.resolve(new Set()),
  giveBack: () => Promise.resolve(),
};
