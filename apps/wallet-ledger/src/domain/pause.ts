import type { BlockReason } from '@orbit/contracts';
import type { WalletDraft } from './wallet-draft.js';

/** Pauses or resumes by hand; nothing changes when it is so already. */
export function setPaused(draft: WalletDraft, isPaused: boolean): void {
  const { pausedReason } = draft.settings;
  if (isPaused && pausedReason !== 'manual') draft.patch({ pausedReason: 'manual' });
  if (!isPaused && pausedReason === 'manual') {
    draft.patch({ pausedReason: pauseLeft(draft) });
  }
}

/** What keeps a wallet paused when nobody pauses it by hand: an open dispute, or that it ran dry. */
export function pauseLeft(draft: WalletDraft): BlockReason | null {
  if (draft.escrows.some(({ kind, state }) => kind === 'dispute' && state === 'open')) {
    return 'dispute';
  }
  const isDepleted = draft.settings.alertLevel === 'depleted' && draft.nextSequence > 1n;
  return isDepleted ? 'balance_depleted' : null;
}
