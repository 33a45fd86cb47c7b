/** Which messages a replay sends again, and as what. Pure. */
import type { Message } from 'kafkajs';
import { UsageError } from '../cli/faults.js';
import { readJson, type ReadMessage } from '../kafka/dead-letters.js';

const REPLAY_HEADER = 'orbit_replay';

/** A wallet as an operator names it; every currency where none is said. */
export interface NamedWallet {
  readonly organizationId: string;
  readonly currency: string | null;
}

export interface ReplayFilter {
  readonly wallet: NamedWallet | null;
  /** "partition:offset" of what was set aside. */
  readonly deadLetters: ReadonlySet<string>;
}

export type SkipReason = 'other_wallets' | 'copies' | 'dead_letters';

/** `org_…` or `org_…:USD`. */
export function parseWallet(text: string | undefined): NamedWallet | null {
  if (text === undefined) return null;
  const [organizationId, currency, ...rest] = text.split(':');
  if (!organizationId || currency === '' || rest.length > 0) {
    throw new UsageError(`--wallet "${text}" is no organization id, nor org:CUR.`);
  }
  return { organizationId, currency: currency ?? null };
}

/** Messages a second: `200` or `200/s`. */
export function parseRate(text: string | undefined): number | null {
  if (text === undefined) return null;
  const match = /^(\d+)(\/s)?$/.exec(text);
  if (!match || Number(match[1]) === 0) throw new UsageError(`--rate "${text}" is no N/s.`);
  return Number(match[1]);
}

/** Whether a message belongs to the wallet: its value says so, or, without a currency asked, its key. */
export function isOfWallet(
  message: Pick<ReadMessage, 'key' | 'value'>,
  wallet: NamedWallet | null,
): boolean {
  if (wallet === null) return true;
  const value = readJson(message.value) as { organization_id?: string; currency?: unknown } | null;
  const { organizationId, currency } = wallet;
  if (currency === null) {
    return (value?.organization_id ?? message.key?.toString()) === organizationId;
  }
  return (
    value?.organization_id === organizationId &&
    typeof value.currency === 'string' &&
    value.currency.toUpperCase() === currency.toUpperCase()
  );
}

/** Why a message is not sent again: a key of `skipped`, or null when it is. */
export function skipReason(
  message: ReadMessage,
  partition: number,
  { wallet, deadLetters }: ReplayFilter,
): SkipReason | null {
  if (message.headers?.[REPLAY_HEADER]) return 'copies';
  if (deadLetters.has(`${partition}:${message.offset}`)) return 'dead_letters';
  return isOfWallet(message, wallet) ? null : 'other_wallets';
}

/** The same bytes and headers, and whose copy it is. Without a key it keeps its partition. */
export function toCopy(
  { key = null, value = null, headers }: Pick<ReadMessage, 'key' | 'value' | 'headers'>,
  partition: number,
  id: string,
): Message {
  const copy = { key, value, headers: { ...headers, [REPLAY_HEADER]: id } };
  return key === null ? { ...copy, partition } : copy;
}
