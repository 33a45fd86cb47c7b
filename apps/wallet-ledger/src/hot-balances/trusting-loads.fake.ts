import type { HotBalances } from '@orbit/spend';
import type { HotLoads } from '../books/application/ports.js';

/** Loads of a ledger that never doubts the memory of Redis. */
export const trustingLoads = (hotBalances: HotBalances): HotLoads => ({
  permit: ({ organizationId }) => hotBalances.permitLoad(organizationId),
  load: async (wallet, permit) => (await hotBalances.load(wallet, permit)) !== 'lost',
});

/** The same without any Redis. */
export const noLoads: HotLoads = {
  permit: () => Promise.resolve({ epoch: '', nonce: '' }),
  load: () => Promise.resolve(true),
};
