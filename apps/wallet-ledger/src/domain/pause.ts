import type { WalletDraft } from './wallet-draft.js';

/** Pauses or resumes by hand; nothing changes when it is so already. */
export function setPaused(draft: WalletDraft, isPaused: boolean): void {
  const { pausedReason, alertLevel } = draft.settings;
  if (isPaused && pausedReason !== 'manual') draft.patch({ pausedReason: 'manual' });
  if (!isPaused && pausedReason === 'manual') {
    const isDepleted = alertLevel === 'depleted' && draft.nextSequence > 1n;
    draft.patch({ pausedReason: isDepleted ? 'balance_depleted' : null });
  }
}
