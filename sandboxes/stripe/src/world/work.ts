import type { JsonObject } from '../http/json.js';
import { ID_PREFIX, nounOf, type BodyOf, type Kind, type StripeEvent } from './objects.js';
import { resourceMissing } from '../http/stripe-error.js';
import type { FaultBoard, IdSource, SandboxTransaction, Stored, TaskKind } from './ports.js';

export interface SandboxSettings {
  /** Where browsers reach us; the hosted page's address begins with it. */
  readonly publicUrl: string;
  readonly merchantName: string;
  /** Written into events when the caller names no version. */
  readonly apiVersion: string;
  readonly sessionTtlSecondsMin: number;
  /** Null: nobody listens on the environment's endpoint. */
  readonly webhook: { readonly url: string; readonly secret: string } | null;
}

/** The caller: written into the events that the request causes. */
export interface Origin {
  readonly requestId: string | null;
  readonly idempotencyKey: string | null;
}

export const NOBODY: Origin = { requestId: null, idempotencyKey: null };

/** One request's transaction with the time, new ids and the events that it raises. */
export class Work {
  private readonly events: StripeEvent[] = [];
  private travelledMs: number | null = null;
  private clockId: string | null = null;

  constructor(
    readonly tx: SandboxTransaction,
    /** The time on the wall; events are dated by it. */
    readonly realMs: number,
    readonly ids: IdSource,
    readonly settings: SandboxSettings,
    readonly faults: FaultBoard,
    private readonly origin: Origin,
  ) {}

  /** The time that counts: the wall's, or that of the test clock which was travelled to. */
  get nowMs(): number {
    return this.travelledMs ?? this.realMs;
  }

  get now(): number {
    return Math.floor(this.nowMs / 1_000);
  }

  /** Makes everything that is made and planned from here on happen by this test clock. */
  travelTo(clockId: string, atMs: number): void {
    this.clockId = clockId;
    this.travelledMs = atMs;
  }

  /** Plans `kind` for an object; a plan of the same kind that it had is replaced. */
  plan(kind: TaskKind, objectId: string, dueAtMs: number): Promise<void> {
    return this.tx.planTask({ kind, objectId, clockId: this.clockId, dueAtMs });
  }

  id(kind: Kind, length = 24): string {
    return this.ids.next(ID_PREFIX[kind], length);
  }

  /** Plans by the wall clock, also for customers who stand on a test clock: banks do not. */
  planByWall(kind: TaskKind, objectId: string, delayMs: number): Promise<void> {
    return this.tx.planTask({ kind, objectId, clockId: null, dueAtMs: this.realMs + delayMs });
  }

  /** Raises an event that carries `object` as it stands now; `before`: what changed fields held. */
  emit(type: string, object: JsonObject, before?: JsonObject): void {
    this.events.push({
      id: this.ids.next('evt_', 24),
      object: 'event',
      api_version: this.settings.apiVersion,
      created: Math.floor(this.realMs / 1_000),
      data: {
        object: structuredClone(object),
        ...(before === undefined ? {} : { previous_attributes: structuredClone(before) }),
      },
      livemode: false,
      pending_webhooks: 0,
      request: { id: this.origin.requestId, idempotency_key: this.origin.idempotencyKey },
      type,
    });
  }

  /** Reads an object or refuses with `resource_missing`, naming `param`. */
  async need<K extends Kind>(kind: K, id: string, param?: string): Promise<Stored<K>> {
    const stored = await this.tx.find(kind, id);
    if (stored === null) throw resourceMissing(nounOf(kind), id, param);
    return stored;
  }

  /** As `need`, and nobody else changes the object until the transaction ends. */
  async lock<K extends Kind>(kind: K, id: string, param?: string): Promise<Stored<K>> {
    const stored = await this.tx.findForUpdate(kind, id);
    if (stored === null) throw resourceMissing(nounOf(kind), id, param);
    return stored;
  }

  /** Changes some fields of a body and saves it. */
  async patch<K extends Kind>(
    kind: K,
    body: BodyOf<K>,
    change: Partial<BodyOf<K>>,
  ): Promise<BodyOf<K>> {
    const changed = { ...body, ...change };
    await this.tx.save(kind, changed);
    return changed;
  }

  raisedEvents(): readonly StripeEvent[] {
    return this.events;
  }
}
