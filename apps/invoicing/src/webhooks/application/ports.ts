import type { Listed, PageQuery } from '@orbit/orb-api';
import type { TraceHeaders } from '@orbit/runtime';
import type { PayloadStyle } from '../domain/fact.js';

/** Where events of an account go. */
export interface Endpoint extends Listed {
  readonly id: string;
  readonly url: string;
  readonly secret: string;
  /** Null: all. */
  readonly eventTypes: readonly string[] | null;
  readonly payloadStyle: PayloadStyle;
  readonly isEnabled: boolean;
}

export interface Endpoints {
  /** Null when the account has none with this id. */
  read(accountId: string, id: string): Promise<Endpoint | null>;
  /** Newest first, one more than the limit where there are more. */
  list(query: PageQuery): Promise<readonly Endpoint[]>;
}

export interface EndpointTransaction {
  /** False when the account has `max` already. */
  insert(
    accountId: string,
    endpoint: Omit<Endpoint, 'position'>,
    mayBePrivate: boolean,
    max: number,
  ): Promise<boolean>;
  /** Nobody else changes it until the transaction ends. */
  lock(accountId: string, id: string): Promise<Endpoint | null>;
  save(endpoint: Endpoint): Promise<void>;
  /** Deletes the endpoint; its deliveries that were not sent yet are dropped. */
  delete(id: string, at: Date): Promise<void>;
}

/** A delivery whose turn it is. */
export interface DueDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly url: string;
  readonly secret: string;
  readonly body: string;
  /** How many events of its object there were, with this one. */
  readonly sequence: number;
  /** Whether it may go to hosts that are not public. */
  readonly mayBePrivate: boolean;
  readonly attemptCount: number;
  readonly createdAtMs: number;
  /** Of whatever made the event happen. */
  readonly trace: TraceHeaders | null;
}

/** The result of one attempt. */
export interface Attempt {
  readonly attemptedAtMs: number;
  readonly latencyMs: number;
  /** Null: no answer came; `error` says why. */
  readonly status: number | null;
  readonly error: string | null;
  /** The beginning of the answer's body. */
  readonly response: string | null;
}

export interface ClaimLimits {
  readonly max: number;
  readonly perEndpointMax: number;
  /** How many are under way to each endpoint. */
  readonly underWay: ReadonlyMap<string, number>;
}

/** All instants are real time. Errors: the database's own. */
export interface Deliveries {
  /**
   * Takes deliveries whose turn it is until `untilMs`: of one object at one endpoint never two at once, and in their
   * order. Whoever dies leaves them to be taken again.
   */
  claim(limits: ClaimLimits, nowMs: number, untilMs: number): Promise<readonly DueDelivery[]>;
  /** The first instant after this at which a delivery may be claimed that may not yet; null where there is none. */
  nextDueMs(nowMs: number): Promise<number | null>;
  /** `nextMs`: when to try again; null with a failure: never. */
  record(
    due: DueDelivery,
    attempt: Attempt,
    isDelivered: boolean,
    nextMs: number | null,
  ): Promise<void>;
}

/** Sends one body; never rejects. */
export interface Sender {
  send(due: DueDelivery, headers: Readonly<Record<string, string>>): Promise<Attempt>;
}
