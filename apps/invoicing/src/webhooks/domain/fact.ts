/** A thing that happened, which the receivers of webhooks may want to know. */
export interface Fact {
  readonly accountId: string;
  /** Null: it is the account's own affair. */
  readonly organizationId: string | null;
  /** `<resource>.<verb>`, of `ORB_EVENT_TYPES`. */
  readonly type: string;
  /** Events of one object are sent in their order. */
  readonly objectId: string;
  /** The objects it is about, whole, as of now: `{customer: {…}}`. */
  readonly resources: Readonly<Record<string, unknown>>;
  /** In their place where an endpoint has the style `standard`; absent: the same. */
  readonly standardResources?: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
  /** Account time. */
  readonly atMs: number;
}

/** Writes facts down in the transaction that makes them so. Errors: the database's own. */
export interface Facts {
  record(fact: Fact): Promise<void>;
}

/** As many statements for many facts of an account as for one. */
export interface FactsOfMany extends Facts {
  /** In their order. */
  recordAll(facts: readonly Fact[]): Promise<void>;
}

export type PayloadStyle = 'expanded' | 'standard';

/** The body to send: the contract's, whose instants are whole seconds. */
export function bodyOf(id: string, fact: Fact, style: PayloadStyle): string {
  const { type, resources, standardResources = resources, properties, atMs } = fact;
  return JSON.stringify({
    id,
    created_at: new Date(Math.floor(atMs / 1_000) * 1_000).toISOString().replace('.000Z', 'Z'),
    type,
    payload_style: style,
    ...(style === 'standard' ? standardResources : resources),
    properties,
  });
}
