import type { DeliveryState } from '@orbit/contracts';
import type { Endpoint } from './ports.js';

/** An enabled endpoint of an organization. */
export interface OrbitReceiver {
  readonly endpointId: string;
  readonly accountId: string;
  readonly organizationId: string;
  /** Null: all. */
  readonly eventTypes: readonly string[] | null;
  readonly createdAt: Date;
}

/** An event, and to whom it goes. */
export interface ForwardedEvent {
  readonly id: string;
  readonly sourceId: string;
  readonly accountId: string;
  readonly organizationId: string;
  readonly type: string;
  readonly objectId: string;
  readonly body: string;
  readonly at: Date;
  readonly trace: Readonly<Record<string, unknown>> | null;
  readonly deliveries: readonly { readonly id: string; readonly endpointId: string }[];
}

export interface OrbitFacts {
  receivers(organizationIds: readonly string[]): Promise<readonly OrbitReceiver[]>;
  /** Of an event that is here already nothing changes. `now` is real time. */
  record(events: readonly ForwardedEvent[], now: Date): Promise<void>;
}

/** An endpoint of an organization, with the reference under which it was made. */
export interface OwnEndpoint extends Omit<Endpoint, 'position' | 'payloadStyle'> {
  readonly organizationId: string;
  readonly accountId: string;
  readonly reference: string | null;
  readonly isDeleted: boolean;
}

/** All of one organization; another organization's endpoint is not there. Errors: the database's own. */
export interface OwnEndpoints {
  /** `full`: it has `max` already. Or what was made under the same reference before, deleted or not. */
  insert(
    endpoint: OwnEndpoint,
    mayBePrivate: boolean,
    max: number,
  ): Promise<'made' | 'full' | OwnEndpoint>;
  list(organizationId: string): Promise<readonly OwnEndpoint[]>;
  read(organizationId: string, id: string): Promise<OwnEndpoint | null>;
  /** Null when it is not there. */
  change(
    organizationId: string,
    id: string,
    to: Pick<Endpoint, 'url' | 'eventTypes' | 'isEnabled'>,
  ): Promise<OwnEndpoint | null>;
  /** False when it is not there. What was not sent yet is not sent any more. */
  delete(organizationId: string, id: string, at: Date): Promise<boolean>;
}

/** Whose deliveries: of an organization's own endpoints, or of those that an account made over `/v1`. */
export type DeliveryOwner = { readonly organizationId: string } | { readonly accountId: string };

export interface LoggedAttempt {
  readonly number: number;
  readonly attemptedAt: Date;
  readonly latencyMs: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly response: string | null;
}

export interface LoggedDelivery {
  readonly id: string;
  readonly endpointId: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly objectId: string;
  readonly sequence: number;
  readonly state: DeliveryState;
  readonly attemptCount: number;
  readonly createdAt: Date;
  readonly nextAttemptAt: Date | null;
  readonly endedAt: Date | null;
  readonly lastAttempt: LoggedAttempt | null;
}

export interface DeliveryFilter {
  readonly endpointId: string | null;
  readonly state: string | null;
  readonly eventType: string | null;
  readonly limit: number;
  readonly afterId: string | null;
}

export interface DeliveryLog {
  /** Newest first, one more than the limit where there are more. */
  list(owner: DeliveryOwner, filter: DeliveryFilter): Promise<readonly LoggedDelivery[]>;
  read(owner: DeliveryOwner, id: string): Promise<LoggedDelivery | null>;
  /** The body as it is sent, and every attempt, first to last. */
  detail(id: string): Promise<{ body: string; attempts: readonly LoggedAttempt[] }>;
  /**
   * Sends it at once when it waits; else makes a new delivery `newId` of the same event. The id of what is sent now;
   * null: its endpoint is deleted or disabled. `now` is real time.
   */
  resend(id: string, newId: string, now: Date): Promise<string | null>;
  /** Removes what ended before, `max` at most; returns how many. */
  prune(before: Date, max: number): Promise<number>;
}
