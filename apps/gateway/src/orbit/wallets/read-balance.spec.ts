// Goal: credit counts from the instant on which it begins to the one on which it lapses, though nothing was written.
// Method: a Redis that was told of the wallet before such an instant, and books that look at their clock.
import { expect, test } from '@jest/globals';
import type { WalletView } from '@orbit/contracts';
import { micros } from '@orbit/money';
import { CaughtUp } from './caught-up.js';
import type { Wallets } from '../../edge/ports.js';
import { PRINCIPAL } from '../../edge/http/principal.fake.js';
import { ReadBalance } from './read-balance.js';

const ENDS_AT_MS = 1_000;

/** 5.00 that lapse at `ENDS_AT_MS` beside 10.00 that do not; Redis heard of both, and of a hold of 1.00. */
async function readAt(nowMs: number) {
  const asked: string[] = [];
  const books = { escrowed: '2.00', leased: '0.00', leases_open: 0, version: '7' } as const;
  const ledger = {
    read: async () => {
      asked.push('books');
      const balance = nowMs < ENDS_AT_MS ? '15.00' : '10.00';
      return {
        ...books,
        balance,
        outbound_block_reason: null,
        last_topped_up_at: null,
      } as WalletView;
    },
  } as unknown as Wallets;
  const hot = {
    postedMicros: micros(15_000_000n),
    escrowedMicros: micros(2_000_000n),
    heldMicros: micros(1_000_000n),
    version: 7n,
    validUntilMs: ENDS_AT_MS,
  };
  const redis = { read: async () => (asked.push('redis'), hot) };
  const caughtUp = new CaughtUp(redis, async () => undefined);
  const reading = await new ReadBalance(ledger, caughtUp, { nowMs: () => nowMs }).run(PRINCIPAL);
  return { asked, posted: reading.postedMicros, held: reading.heldMicros };
}

test('until a block begins or lapses Redis speaks', async () => {
  expect(await readAt(ENDS_AT_MS - 1)).toEqual({
    asked: ['books', 'redis'],
    posted: 15_000_000n,
    held: 3_000_000n,
  });
});

test('from then on the books do, asked after the holds', async () => {
  expect(await readAt(ENDS_AT_MS)).toEqual({
    asked: ['books', 'redis', 'books'],
    posted: 10_000_000n,
    held: 3_000_000n,
  });
});
