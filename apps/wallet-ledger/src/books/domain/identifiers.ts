/** Ids of entries and blocks say where they live: wallet number and sequence number, base 36. */
const format = (prefix: string, walletNo: bigint, sequence: bigint): string =>
  `${prefix}_${walletNo.toString(36)}_${sequence.toString(36)}`;

/** A transaction's id: "ct_1_2s". */
export const entryId = (walletNo: bigint, sequence: bigint): string =>
  format('ct', walletNo, sequence);

export const blockId = (walletNo: bigint, sequence: bigint): string =>
  format('blk', walletNo, sequence);

/** The reference under which a charge is booked. */
export const chargeReference = (chargeId: string): string => `charge:${chargeId}`;

/** Reads an entry's id back; null when it is not one. */
export function parseEntryId(id: string): { walletNo: bigint; sequence: bigint } | null {
  const match = /^ct_([0-9a-z]{1,12})_([0-9a-z]{1,12})$/.exec(id);
  if (!match) return null;
  return { walletNo: fromBase36(match[1] ?? ''), sequence: fromBase36(match[2] ?? '') };
}

/** Reads a block's id back; null when it is not one. */
export function parseBlockId(id: string): { walletNo: bigint; sequence: bigint } | null {
  return id.startsWith('blk_') ? parseEntryId(`ct_${id.slice('blk_'.length)}`) : null;
}

function fromBase36(text: string): bigint {
  let value = 0n;
  for (const digit of text) value = value * 36n + BigInt(Number.parseInt(digit, 36));
  return value;
}
