import type { Context } from '../cli/context.js';
import { UsageError } from '../cli/faults.js';
import type { NamedWallet } from './replay-filter.js';
import { loadState, type AnyState } from './replay-state.js';

interface NewShadow {
  readonly id: string;
  readonly topic: string;
  readonly wallet: NamedWallet | null;
  readonly from: string;
  readonly to: string;
  readonly nowMs: number;
}

/** A wallet that came out differently, or of which something is not answered. */
export interface ShadowDifference {
  readonly organization_id: string;
  readonly currency: string;
  readonly entries: number;
  readonly blocks: number;
  readonly balance_micros: string;
  readonly shadow_balance_micros: string;
  readonly first_sequence: string | null;
  readonly why: string | null;
  readonly unanswered: readonly string[];
}

/** The progress of a shadow; in the same folder as the states of replays. */
export interface ShadowState extends AnyState {
  readonly schema: string;
  readonly from: string;
  readonly to: string;
  lastWalletNo: string;
  wallets: number;
  readonly entries: Record<'redecided' | 'given' | 'uncovered', number>;
  readonly messages: Record<'read' | 'rejected' | 'in_flight' | 'unanswered', number>;
  readonly differences: ShadowDifference[];
}

/** A shadow at its beginning; `from` and `to` (as text) hold for `topic`, the other topics are read in full. */
export function newShadow({ id, topic, wallet, from, to, nowMs }: NewShadow): ShadowState {
  return {
    id,
    kind: 'shadow',
    schema: `shadow_${id.slice('rpl_'.length).toLowerCase()}`,
    topic,
    wallet,
    from,
    to,
    startedAt: new Date(nowMs).toISOString(),
    status: 'running',
    lastWalletNo: '0',
    wallets: 0,
    entries: { redecided: 0, given: 0, uncovered: 0 },
    messages: { read: 0, rejected: 0, in_flight: 0, unanswered: 0 },
    differences: [],
    ranges: [],
  };
}

/** A shadow that was interrupted. */
export const resumeShadow = (context: Context, id: string): ShadowState => {
  const state = loadState(context.home, id);
  if (state.kind !== 'shadow') throw new UsageError(`${id} is no shadow: leave out --shadow.`);
  return state as ShadowState;
};
