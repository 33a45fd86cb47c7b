/** Every limit of the spend client, with its unit. */
export interface SpendLimits {
  /** How long a hold stands when the caller does not say. */
  readonly holdTtlMs: number;
  readonly holdTtlMsMax: number;
  /** How long Redis remembers a charge id after its hold ended; the ledger remembers it for ever. */
  readonly recordTtlMs: number;
  /** After this a publish counts as failed, though Kafka may still take it; a repeat is safe. */
  readonly publishTimeoutMs: number;
  /** Open authorizations that this process can capture although Redis has forgotten them, the last half of them for certain; some 400 bytes each. */
  readonly rememberedSizeMax: number;
  /** Processes that authorize, at most: each may spend its share of a wallet's outage budget. */
  readonly processCount: number;
}

export const SPEND_LIMITS: SpendLimits = {
  holdTtlMs: 15 * 60_000,
  holdTtlMsMax: 7 * 86_400_000,
  recordTtlMs: 86_400_000,
  publishTimeoutMs: 5_000,
  rememberedSizeMax: 100_000,
  processCount: 1,
};
