import { newId, type IdPrefix } from '@orbit/kernel';

/** A new id. An account's time may lie before the ids' own begin. */
export const freshId = (prefix: IdPrefix, nowMs: number): string =>
  newId(prefix, Math.max(0, Math.floor(nowMs)));
