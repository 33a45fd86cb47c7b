import type { Entry } from '../../books/domain/wallet.js';

/** The seven types of the contract. */
export const STATEMENT_TYPES = [
  'increment',
  'decrement',
  'expiration_change',
  'credit_block_expiry',
  'void',
  'void_initiated',
  'amendment',
] as const;
export type StatementType = (typeof STATEMENT_TYPES)[number];

/** The change that an entry makes to the balance. */
export const deltaOf = ({ from, to, amountMicros }: Entry): bigint =>
  (to === 'wallet' ? amountMicros : 0n) - (from === 'wallet' ? amountMicros : 0n);

/** How an entry of the books reads in the credit ledger. */
export interface StatementEffect {
  readonly type: Exclude<StatementType, 'void_initiated'>;
  /** Signed; of an expiration change, what was moved. */
  readonly amountMicros: bigint;
  readonly newExpiryAtMs: number | null;
  readonly voidReason: string | null;
  /** Of a void: what was left of the block before it. */
  readonly leftMicros: bigint;
}

/** Null: the credit ledger does not show it, because it passes the wallet by or is shown by its other half. */
export function effectOf(entry: Entry): StatementEffect | null {
  const { type, metadata, blockSequence, sequence, amountMicros } = entry;
  const delta = deltaOf(entry);
  const plain = {
    amountMicros: delta,
    newExpiryAtMs: null,
    voidReason: null,
    leftMicros: amountMicros,
  };
  if (type === 'extension') {
    return {
      ...plain,
      type: 'expiration_change',
      amountMicros: 0n,
      newExpiryAtMs: msOf(metadata?.['to']),
    };
  }
  if (type === 'transfer') {
    if (delta > 0n) return null;
    const newExpiryAtMs = msOf(metadata?.['to_end']);
    return { ...plain, type: 'expiration_change', amountMicros, newExpiryAtMs };
  }
  if (delta === 0n) return null;
  if (delta > 0n) {
    return { ...plain, type: blockSequence === sequence ? 'increment' : 'amendment' };
  }
  switch (type) {
    case 'expiry':
      return { ...plain, type: 'credit_block_expiry' };
    case 'refund':
    case 'dispute':
      return { ...plain, type: 'void', voidReason: type };
    case 'void':
    case 'amendment': {
      const reason = metadata?.['void_reason'];
      const left = metadata?.['remaining_micros'];
      return {
        ...plain,
        type: 'void',
        voidReason: typeof reason === 'string' ? reason : null,
        leftMicros: typeof left === 'string' ? BigInt(left) : amountMicros,
      };
    }
    default:
      return { ...plain, type: 'decrement' };
  }
}

const msOf = (text: unknown): number | null => (typeof text === 'string' ? Date.parse(text) : null);
