import type { BlockReason } from '@orbit/contracts';
import { ranDry } from '../../books/domain/pause.js';
import type { WalletDraft } from '../../books/domain/wallet-draft.js';

/** Stops all spending of the wallet. */
export function freeze(draft: WalletDraft): void {
  if (draft.settings.pausedReason !== 'reconciliation') {
    draft.patch({ pausedReason: 'reconciliation' });
  }
}

/** Lifts the freeze; whatever else would pause the wallet by now does. */
export function unfreeze(draft: WalletDraft, priorReason: BlockReason | null): void {
  if (draft.settings.pausedReason !== 'reconciliation') return;
  draft.patch({ pausedReason: reasonAfter(draft, priorReason) });
}

function reasonAfter(draft: WalletDraft, priorReason: BlockReason | null): BlockReason | null {
  if (draft.escrows.some(({ kind }) => kind === 'dispute')) return 'dispute';
  if (priorReason === 'manual') return 'manual';
  return ranDry(draft) ? 'balance_depleted' : null;
}
