import type { JsonObject, JsonValue } from '../http/json.js';
import type { BodyOf, Kind, SecretOf, StripeEvent } from './objects.js';
import type { CreatedBounds } from '../http/params.js';
import type { Faults } from '../controls/faults.js';

export interface Stored<K extends Kind> {
  readonly body: BodyOf<K>;
  readonly secret: SecretOf<K>;
}

export interface PageQuery {
  readonly limit: number;
  /** Id of the row after which (older) or before which (newer) the page begins. */
  readonly startingAfter: string | undefined;
  readonly endingBefore: string | undefined;
  readonly created: CreatedBounds | undefined;
  /** Fields that must be equal; undefined ones do not filter. */
  readonly where: Readonly<Record<string, JsonValue | undefined>>;
}

export interface EventQuery extends PageQuery {
  /** Types and groups (`invoice.*`); empty: all. */
  readonly types: readonly string[];
  /** Whether every delivery was taken; undefined: either. */
  readonly deliverySuccess: boolean | undefined;
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly hasMore: boolean;
}

export type DeliveryStatus = 'pending' | 'delivered' | 'dropped' | 'failed';

export interface NewDelivery {
  readonly id: string;
  readonly eventId: string;
  /** Null: the endpoint of the environment (STRIPE_WEBHOOK_URL). */
  readonly endpointId: string | null;
  readonly status: 'pending' | 'dropped';
  readonly nextAttemptAtMs: number;
  readonly createdAtMs: number;
}

export interface Delivery extends Omit<NewDelivery, 'status'> {
  readonly eventType: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
}

/** A delivery that is due, with what must be sent. */
export interface DueDelivery extends Delivery {
  readonly event: StripeEvent;
}

export interface DeliveryResult {
  readonly id: string;
  readonly status: DeliveryStatus;
  readonly nextAttemptAtMs: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
}

export interface StoredAnswer {
  readonly requestHash: string;
  readonly requestId: string;
  readonly status: number;
  readonly body: JsonObject;
}

export type TaskKind =
  | 'settle_payment'
  | 'settle_refund'
  | 'finalize_invoice'
  | 'retry_invoice'
  | 'renew_subscription'
  | 'advance_clock';

/** Something that will happen to an object by itself. One of a kind per object. */
export interface Task {
  readonly kind: TaskKind;
  readonly objectId: string;
  /** The test clock by which it is due; null: the wall clock. */
  readonly clockId: string | null;
  readonly dueAtMs: number;
}

/** One database transaction: all of it is kept, or none. */
export interface SandboxTransaction {
  find<K extends Kind>(kind: K, id: string): Promise<Stored<K> | null>;
  /** Also keeps every other writer of this object waiting until this transaction ends. */
  findForUpdate<K extends Kind>(kind: K, id: string): Promise<Stored<K> | null>;
  insert<K extends Kind>(kind: K, body: BodyOf<K>, secret: SecretOf<K>): Promise<void>;
  /** Replaces the body; and the secret when one is given. */
  save<K extends Kind>(kind: K, body: BodyOf<K>, secret?: SecretOf<K>): Promise<void>;
  remove(kind: Kind, id: string): Promise<void>;
  /** Newest first. A cursor that names nothing answers null. */
  list<K extends Kind>(kind: K, query: PageQuery): Promise<Page<BodyOf<K>> | null>;
  /** Ids of open sessions whose time is over, oldest first. */
  findOverdueSessions(nowSeconds: number, countMax: number): Promise<readonly string[]>;
  planTask(task: Task): Promise<void>;
  dropTask(kind: TaskKind, objectId: string): Promise<void>;
  /** Takes the oldest task that is due by this clock (null: the wall clock), or answers null. */
  takeTask(clockId: string | null, nowMs: number): Promise<Task | null>;
  insertEvents(events: readonly StripeEvent[], deliveries: readonly NewDelivery[]): Promise<void>;
  findEvent(id: string): Promise<StripeEvent | null>;
  listEvents(query: EventQuery): Promise<Page<StripeEvent> | null>;
  listDeliveries(countMax: number): Promise<readonly Delivery[]>;
  /**
   * Claims an idempotency key. Waits for another transaction that holds the same key; null means
   * the key is ours now, and `answerKey` must follow before the end.
   */
  claimKey(key: string, requestHash: string, atMs: number): Promise<StoredAnswer | null>;
  answerKey(key: string, answer: Omit<StoredAnswer, 'requestHash'>): Promise<void>;
}

export interface SandboxStore {
  transaction<T>(work: (transaction: SandboxTransaction) => Promise<T>): Promise<T>;
  /** Leases due deliveries to the caller until `leaseUntilMs` and counts the attempt. */
  claimDeliveries(
    nowMs: number,
    leaseUntilMs: number,
    countMax: number,
  ): Promise<readonly DueDelivery[]>;
  /** When the next pending delivery is due; null when none waits. */
  nextDueAtMs(): Promise<number | null>;
  finishDelivery(result: DeliveryResult): Promise<void>;
  deleteKeysBefore(atMs: number): Promise<void>;
  isReachable(): Promise<boolean>;
}

/** Random part of ids; Stripe's are prefix + letters and digits. */
export interface IdSource {
  next(prefix: string, length?: number): string;
  /** 0 ≤ r < 1, for jitter. */
  random(): number;
  /** Stable for one card number, as Stripe's `card.fingerprint` is. */
  fingerprint(cardNumber: string): string;
}

export interface WebhookSender {
  /** Posts the signed event. Returns the HTTP status, or what went wrong on the way. */
  post(
    url: string,
    secret: string,
    event: StripeEvent,
  ): Promise<{ status: number } | { error: string }>;
}

export interface FaultBoard {
  read(): Faults;
  write(faults: Faults): void;
}

/** Called after a commit that made deliveries. */
export interface DispatcherSignal {
  wake(): void;
}
