import type { ChargeRejection } from '@orbit/contracts';
import type { Charge, Credit, Entry, Wallet } from '../domain/wallet.js';
import type { WalletKey } from './ports.js';

/** What a batch asks of the ledger. */
export type LedgerCommand =
  | {
      readonly kind: 'charge';
      readonly key: WalletKey;
      readonly charge: Charge;
      /** Redis channel on which somebody waits for the outcome; null when nobody does. */
      readonly replyTo: string | null;
    }
  | { readonly kind: 'credit'; readonly key: WalletKey; readonly credit: Credit };

/** What came of it. `isReplay`: decided by an earlier delivery, answered the same again. */
export type CommandResult =
  | {
      readonly status: 'booked';
      readonly wallet: Wallet;
      readonly entries: readonly Entry[];
      readonly isReplay: boolean;
    }
  | {
      readonly status: 'rejected';
      readonly wallet: Wallet;
      readonly reason: ChargeRejection;
      readonly atMs: number;
      readonly isReplay: boolean;
    }
  | { readonly status: 'refused'; readonly reason: 'unknown_wallet' | 'balance_limit' };

/** Idempotency key of a command within its wallet. */
export function referenceOf(command: LedgerCommand): string {
  return command.kind === 'charge' ? `charge:${command.charge.chargeId}` : command.credit.reference;
}
