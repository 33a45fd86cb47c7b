import type { Micros } from '@orbit/money';

/** Names a charge. A charge id alone names nothing: two organizations may use the same one. */
export interface ChargeKey {
  readonly organizationId: string;
  readonly chargeId: string;
}

/** Delivery of a send, by its latest report. */
export interface Delivery {
  readonly status: 'delivered' | 'failed';
  /** `occurred_at` of the report. */
  readonly atMs: number;
}

export interface DeliveryReport extends ChargeKey, Delivery {}

/** A posted charge, as it is metered. */
export interface MeteredCharge extends ChargeKey {
  readonly channel: string;
  readonly currency: string;
  /** Messages, calls or tokens; at least 1. */
  readonly quantity: bigint;
  readonly amountMicros: Micros;
  /** Decides the day it counts for. */
  readonly occurredAtMs: number;
  readonly postedAtMs: number;
  readonly delivery: Delivery | null;
}

/** One string per key, for maps. Charge ids hold no space, so two keys never meet. */
export const keyOf = (key: ChargeKey): string => `${key.chargeId} ${key.organizationId}`;
