import { at, usd } from '../domain/draft-fixture.js';
import type { Entry } from '../domain/wallet.js';
import { transactionView } from './wallet-views.js';

const entry = (changes: Partial<Entry>): Entry => ({
  walletNo: 1n,
  sequence: 2n,
  type: 'spend',
  from: 'wallet',
  to: 'revenue',
  amountMicros: usd('1'),
  balanceAfterMicros: usd('9'),
  blockSequence: 1n,
  reference: 'charge:c1',
  slice: 0,
  channel: null,
  quantity: null,
  metadata: { source_reference: 'pi_1', note: 'x' },
  authorizedBy: null,
  occurredAtMs: at('03-05'),
  bookedAtMs: at('03-05'),
  notices: 0,
  ...changes,
});

test('a top-up is told under its payment', () => {
  const topup = entry({ type: 'topup', from: 'stripe_clearing', to: 'wallet', reference: 'tu_1' });
  const { reference, metadata } = transactionView(topup, 'USD', null);
  expect({ reference, metadata }).toEqual({ reference: 'pi_1', metadata: { note: 'x' } });
});

test('a charge is told under its own id, whatever its caller calls a source_reference', () => {
  const { reference, metadata } = transactionView(entry({}), 'USD', null);
  expect({ reference, metadata }).toEqual({
    reference: 'charge:c1',
    metadata: { source_reference: 'pi_1', note: 'x' },
  });
});
