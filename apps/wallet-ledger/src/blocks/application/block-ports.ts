import type { Micros } from '@orbit/money';
import type { WalletKey } from '../../books/application/ports.js';

/** What Redis, which knows the holds, says may still be spent; null: it does not know the wallet. */
export interface FreeCredit {
  availableOf(key: WalletKey): Promise<Micros | null>;
}
