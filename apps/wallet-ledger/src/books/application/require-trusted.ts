import { OrbitError } from '@orbit/contracts';
import type { ChangeWallet } from './change-wallet.js';
import type { WalletKey } from './ports.js';

/**
 * Before money is set aside: Redis must know what holds there are. After it has lost its memory, charges
 * that were captured may be in Kafka, unread, and what they will take must not be given away.
 * Errors: OrbitError `not_found` when there is no such wallet, `unavailable` while the ledger reads up.
 */
export async function requireTrusted(changeWallet: ChangeWallet, key: WalletKey): Promise<void> {
  const wallet = await changeWallet.load(key);
  if (!wallet) throw new OrbitError('not_found', 'There is no such wallet.');
  if (!wallet.recovering) return;
  throw new OrbitError('unavailable', 'Hot balances are being rebuilt; repeat the request.', {
    retryAfterSeconds: 1,
  });
}
