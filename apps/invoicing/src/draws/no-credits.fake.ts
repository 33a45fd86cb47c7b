import type { CreditLedger } from './application/ports.js';

/** A ledger in which nobody holds credit. */
export const noCredits: CreditLedger = {
  held: (holders) => Promise.resolve(holders.map(() => new Set<string>())),
  draw: () => Promise.resolve(new Map()),
  preview: () => Promise.resolve(new Map()),
  accrue: () => Promise.resolve(),
  holders: () => Promise.resolve(new Set()),
  giveBack: () => Promise.resolve(),
};
