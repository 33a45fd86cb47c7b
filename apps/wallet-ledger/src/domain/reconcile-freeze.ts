import type { BlockReason } from '@orbit/contracts';
import type { WalletDraft } from './wallet-draft.js';

/** Stops all spending of the wallet. */
export function freeze(draft: WalletDraft): void {
  if (draft.settings.pausedReason !== 'reconciliation') {
    draft.patch({ pausedReason: 'reconciliation' });
  }
}

/** Lifts the freeze; whatever else would pause the wallet by now does. */
export function unfreeze(draft: WalletDraft, priorReason: BlockReason | null): void {
  const { pausedReason, alertLevel } = draft.settings;
  if (pausedReason !== 'reconciliation') return;
  draft.patch({ pausedReason: reasonAfter(draft, alertLevel === 'depleted', priorReason) });
}

function reasonAfter(
  draft: WalletDraft,
  isDepleted: boolean,
  priorReason: BlockReason | null,
): BlockReason | null {
  if (draft.escrows.some(({ kind }) => kind === 'dispute')) return 'dispute';
  if (priorReason === 'manual') return 'manual';
  return isDepleted && draft.nextSequence > 1n ? 'balance_depleted' : null;
}
