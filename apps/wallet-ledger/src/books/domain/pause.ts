import type { BlockReason } from '@orbit/contracts';
import { isSpent } from './crossing.js';
import type { WalletDraft } from './wallet-draft.js';

/** Pauses or resumes by hand; nothing changes when it is so already. */
export function setPaused(draft: WalletDraft, isPaused: boolean): void {
  const { pausedReason } = draft.settings;
  if (isPaused && pausedReason !== 'manual') draft.patch({ pausedReason: 'manual' });
  if (!isPaused && pausedReason === 'manual') {
    draft.patch({ pausedReason: pauseLeft(draft) });
  }
}

/** A new wallet is empty too, but has nothing that ran out. */
export const ranDry = (draft: WalletDraft): boolean =>
  isSpent(draft.balance, draft.settings.overdraftMicros) && draft.nextSequence > 1n;

/** The reason that keeps a wallet paused when nobody pauses it by hand: an open dispute, or that it ran dry. */
export function pauseLeft(draft: WalletDraft): BlockReason | null {
  if (draft.escrows.some(({ kind, state }) => kind === 'dispute' && state === 'open')) {
    return 'dispute';
  }
  return ranDry(draft) ? 'balance_depleted' : null;
}
