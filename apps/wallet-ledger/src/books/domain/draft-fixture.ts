import { micros, parseAmount, type Micros } from '@orbit/money';
import { WalletDraft } from './wallet-draft.js';
import type { Block, Charge, Entry, Wallet } from './wallet.js';

/** Builders for tests of the domain. Amounts as decimals, instants as civil dates of 2026 in UTC. */
export function usd(text: string): Micros {
  const parsed = parseAmount(text);
  if (!parsed.ok) throw new Error(`${text} is no amount`);
  return parsed.amountMicros;
}

/** at('03-10') or at('03-10T12:00:00.000'). */
export const at = (civil: string): number =>
  Date.parse(`2026-${civil.includes('T') ? civil : `${civil}T00:00:00.000`}Z`);

export function block(sequence: bigint, amount: string, changes: Partial<Block> = {}): Block {
  const kind = changes.kind ?? 'paid';
  return {
    sequence,
    kind,
    priority: 0,
    costBasisMicros: kind === 'promotional' ? 0n : 1_000_000n,
    amountMicros: usd(amount),
    remainingMicros: usd(amount),
    expiredMicros: micros(0n),
    repaidMicros: micros(0n),
    effectiveAtMs: 0,
    expiresAtMs: null,
    createdAtMs: Number(sequence),
    voidedAtMs: null,
    ...changes,
  };
}

/** A wallet that holds what its blocks hold. */
export function wallet(blocks: readonly Block[], changes: Partial<Wallet> = {}): Wallet {
  const sum = blocks.reduce((total, { remainingMicros }) => total + remainingMicros, 0n);
  return {
    walletNo: 1n,
    walletId: 'wal_1',
    organizationId: 'org_1',
    currency: 'USD',
    balanceMicros: micros(sum),
    sequence: BigInt(blocks.length),
    version: 7n,
    overdraftMicros: micros(0n),
    lowBalanceMicros: null,
    alertLevel: sum > 0n ? 'ok' : 'depleted',
    awaitsSpend: false,
    pausedReason: null,
    lastToppedUpAtMs: null,
    rejectedCount: 0n,
    lateUsageGraceMs: 48 * 3_600_000,
    allowsLateCapture: false,
    outagePolicy: 'closed',
    outageBudgetMicros: micros(0n),
    blocks,
    escrows: [],
    ...changes,
  };
}

export const draftOf = (blocks: readonly Block[], changes: Partial<Wallet> = {}): WalletDraft =>
  new WalletDraft(wallet(blocks, changes));

export function charge(chargeId: string, amount: string, changes: Partial<Charge> = {}): Charge {
  return {
    chargeId,
    amountMicros: usd(amount),
    channel: 'sms',
    quantity: 1,
    metadata: {},
    occurredAtMs: at('03-05'),
    isAuthorized: false,
    leaseId: null,
    ...changes,
  };
}

/** "A10 B20" by the names of the sequence numbers: what is left, drained blocks included. */
export const left = (draft: WalletDraft, names: Readonly<Record<string, bigint>>): string =>
  Object.entries(names)
    .map(([name, sequence]) => `${name}${shown(draft.findBlock(sequence)?.remainingMicros ?? 0n)}`)
    .join(' ');

/** "spend A 10": type, block and amount, in order. */
export const booked = (
  entries: readonly Entry[],
  names: Readonly<Record<string, bigint>>,
): string[] =>
  entries.map(({ type, blockSequence, amountMicros }) => {
    const found = Object.entries(names).find(([, sequence]) => sequence === blockSequence);
    const name = found?.[0] ?? (blockSequence === null ? 'debt' : `#${blockSequence}`);
    return `${type} ${name} ${shown(amountMicros)}`;
  });

const shown = (amount: bigint): string => String(Number(amount) / 1_000_000);
