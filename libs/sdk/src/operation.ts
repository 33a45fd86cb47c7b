/** The caller's own type, where the caller has it; see `Fetch`. */
export type Signal = typeof globalThis extends { AbortSignal: { prototype: infer S } }
  ? S
  : unknown;

export interface CallOptions {
  /** Names the operation for ever: the same key is never carried out twice. Made for you where the API takes one. */
  readonly idempotencyKey?: string | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: Signal | undefined;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly pathNames: readonly string[];
  readonly queryNames: readonly string[];
  readonly takesKey: boolean;
  readonly isBytes: boolean;
}
