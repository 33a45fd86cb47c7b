import type { Micros } from '@orbit/money';
import type { WalletKey } from '../../books/application/ports.js';

/** The spendable amount by Redis, which has the holds; null: it does not have the wallet. */
export interface FreeCredit {
  availableOf(key: WalletKey): Promise<Micros | null>;
}
