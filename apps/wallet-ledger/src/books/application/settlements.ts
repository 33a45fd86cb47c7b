import { postedState } from '../domain/hot-state.js';
import { timesOf } from '../domain/times.js';
import type { Wallet } from '../domain/wallet.js';
import { claimKey, type ClaimedCommand, type CommandResult } from './commands.js';
import type { ClaimResult, HotWalletState, PostedCharge, Settlement } from './ports.js';
import type { SavedGroup } from './save-group.js';

/**
 * The hot balance that follows from a wallet at one instant of real time. Redis knows real time alone: where the clock
 * of the account stands, nothing expires or begins by itself; each move of it loads the wallets that it changes.
 */
export function hotStateOf(wallet: Wallet, nowMs: number): HotWalletState {
  const { organizationId, currency, overdraftMicros, version, pausedReason, allowsLateCapture } =
    wallet;
  const posted = postedState(wallet, timesOf(wallet, nowMs).accountMs);
  const validUntilMs = (wallet.standsAtMs ?? null) === null ? posted.validUntilMs : null;
  return {
    organizationId,
    currency,
    overdraftMicros,
    version,
    pausedReason,
    allowsLateCapture,
    ...posted,
    validUntilMs,
  };
}

/** A group as decided and written, with the room that was claimed for it. */
export interface CommittedGroup extends SavedGroup {
  /** By claim key. */
  readonly claimed: ReadonlyMap<string, ClaimResult>;
  readonly nowMs: number;
  /** An earlier try may have reserved room that the last one no longer asked for: what is known claims nothing. */
  readonly wasRetried: boolean;
}

/** The updates for Redis after a commit: new balances, holds that ended, claims that are over. */
export function settlementsOf(
  group: CommittedGroup,
  commands: readonly ClaimedCommand[],
): Settlement[] {
  const { results, wallets, nowMs, wasRetried } = group;
  const posted = new Map<string, PostedCharge[]>();
  const claims = new Map<string, Set<string>>();
  for (const [index, command] of commands.entries()) {
    const result = results[index];
    if (!result) continue;
    const { wallet: key, claimId } = command;
    const room = group.claimed.get(claimKey(claimId, key));
    if (room || wasRetried) {
      const ids = claims.get(key);
      if (ids) ids.add(claimId);
      else claims.set(key, new Set([claimId]));
    }
    // What was claimed for a refused change is free again.
    if (result.status === 'refused') continue;
    const charge = postedCharge(command, result, room);
    if (!charge) continue;
    const list = posted.get(key);
    if (list) list.push(charge);
    else posted.set(key, [charge]);
  }
  const settlements: Settlement[] = [];
  for (const [key, committed] of wallets) {
    const wallet = hotStateOf(committed, nowMs);
    const [claimId = null, ...further] = claims.get(key) ?? [];
    settlements.push({ wallet, charges: posted.get(key) ?? [], claimId });
    for (const other of further) settlements.push({ wallet, charges: [], claimId: other });
  }
  return settlements;
}

/** Null when Redis holds nothing for it: the charge came without a hold, and its claim is dropped as a whole. */
function postedCharge(
  { command }: ClaimedCommand,
  result: Exclude<CommandResult, { status: 'refused' }>,
  room: ClaimResult | undefined,
): PostedCharge | null {
  if (command.kind !== 'charge') return null;
  const { chargeId, amountMicros, isAuthorized, leaseId } = command.charge;
  // A charge of a lease has no hold, unless its caller made one under the same id besides.
  if (leaseId !== null && !room?.held.has(chargeId)) return null;
  const isConflict = result.status === 'rejected' && result.reason === 'charge_id_conflict';
  // A conflicting message says nothing about the charge that holds the id; a conflicting hold of our
  // own (its id was known to the ledger, but no more to Redis) is freed, because it will never post.
  if (isConflict && !isAuthorized) return null;
  // A charge that is known to the ledger was not claimed again: its hold, if any, must still end.
  const mayHold = isAuthorized || result.isReplay || (room?.held.has(chargeId) ?? false);
  if (!mayHold) return null;
  return { chargeId, amountMicros, outcome: result.status === 'booked' ? 'posted' : 'rejected' };
}
