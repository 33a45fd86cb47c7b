/** Flat. Numbers are exactly what was sent: one that a double does not keep is refused where it comes in. */
export type UsageProperties = Readonly<Record<string, string | number | boolean>>;

/** An event as it was accepted; nothing of it ever changes. */
export interface AcceptedEvent {
  readonly accountId: string;
  /** The event's id. */
  readonly idempotencyKey: string;
  /** Null while no customer has the external id. */
  readonly customerId: string | null;
  readonly externalCustomerId: string | null;
  readonly eventName: string;
  readonly timestampMs: number;
  readonly properties: UsageProperties;
}

/** visible: it counts. waiting: its backfill is not closed. The others do not count. */
export type UsageEventState =
  'visible' | 'waiting' | 'amended' | 'deprecated' | 'replaced' | 'duplicate' | 'reverted';

/** One version of an event in the store. */
export interface UsageEvent extends AcceptedEvent {
  /** Of this version alone; grows with the order of storing. */
  readonly eventNo: bigint;
  readonly version: number;
  readonly state: UsageEventState;
  readonly backfillId: string | null;
  readonly ingestedAtMs: number;
  /** 32 hexadecimal digits; the sum of these modulo 2^128 names a set of events. */
  readonly fingerprint: string;
}
