/** Nest TCP patterns by which usage-metering answers what events add up to. Decimals are strings, exact. */
export const METERED_RPC = {
  /** {account_id, metric_ids} → MetricSummary[] in the order asked for; unknown ids are left out */
  metrics: 'metered.metrics',
  /** {account_id, definitions: UsageDefinition[]} → DefinitionCheck[]: one each, in their order */
  check: 'metered.check',
  /** UsageQuery → UsageAnswer: what is stored now */
  usage: 'metered.usage',
  /** UsageOfAll → UsageAnswer[]: one each, in their order */
  usageOfAll: 'metered.usage_of_all',
  /** PreviewUsage → UsageAnswer: the same over given events; nothing is stored or read */
  preview: 'metered.preview',
  /** CloseUsage → ClosedUsage: may be repeated, and answers the same rows */
  close: 'metered.close',
  /** CloseAll → ClosedUsage[]: one each, in their order; those of the same customers together */
  closeAll: 'metered.close_all',
  /** {account_id, interval_id} → ClosingRow[]: all revisions, oldest first */
  closings: 'metered.closings',
  /** {account_id, customer_ids}, at most 1,000 → CustomerUsageVersions: which customers' usage changed since it was asked last */
  versions: 'metered.versions',
} as const;

/** By customer, a number that grows with each change of the events that count; absent: there never was one. */
export type CustomerUsageVersions = Readonly<Record<string, string>>;

export interface MetricSummary {
  readonly id: string;
  readonly name: string;
  readonly item_id: string;
  readonly status: 'active' | 'archived';
  /** Its windows add up: the quantity of a period is the sum of those of its days. */
  readonly is_additive: boolean;
}

/** The counted usage: a metric, narrowed and split. The same one is always counted in the same way. */
export interface UsageDefinition {
  readonly metric_id: string;
  /** By name; those that are left out have the metric's defaults. */
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
  /** A boolean expression over properties; null: every event of the metric. */
  readonly filter: string | null;
  /** Properties, event columns or computed properties by whose values usage is grouped. */
  readonly grouping_keys: readonly string[];
}

export interface DefinitionCheck {
  /** Sentences that name the part: `filter: …`, `grouping_keys.0: …`. None: it can be counted. */
  readonly faults: readonly string[];
}

/** Half open: an event at `to` belongs to the next one. ISO 8601, UTC, milliseconds. */
export interface UsageWindow {
  readonly from: string;
  readonly to: string;
}

export interface UsageQuery {
  readonly account_id: string;
  /** Their events are counted together. */
  readonly customer_ids: readonly string[];
  /** At most 100. */
  readonly definitions: readonly UsageDefinition[];
  /** At most 1,000; may overlap, in any order. */
  readonly windows: readonly UsageWindow[];
  /**
   * True: it will be asked again and again (a price that is stored), so rollups are kept from now on. Absent: only
   * metrics without filter, grouping keys and parameters are kept. What `close` asks for is always kept.
   */
  readonly is_lasting?: boolean;
}

/** Questions of many customers. */
export interface UsageOfAll {
  readonly account_id: string;
  readonly questions: readonly Omit<UsageQuery, 'account_id'>[];
}

export interface UsageAnswer {
  /** Of the question, if it cannot be answered: then there are no results. */
  readonly faults: readonly string[];
  /** One a definition, in their order. */
  readonly results: readonly DefinitionUsage[];
}

export interface DefinitionUsage {
  /** One a window, in their order. */
  readonly windows: readonly WindowUsage[];
}

export interface WindowUsage extends UsageWindow {
  /** With grouping keys: only groups that have events. Without: always one, of quantity "0" where nothing happened. */
  readonly groups: readonly GroupUsage[];
}

export interface GroupUsage {
  /** In the order of the grouping keys; null where events do not have the property. */
  readonly values: readonly (string | null)[];
  /** Decimal string. */
  readonly quantity: string;
  /** Events that passed the metric's and the definition's filter. */
  readonly event_count: number;
  /** Σ of the events' 128-bit hashes mod 2^128, 32 hex digits: the same for the same set of events in any order. */
  readonly fingerprint: string;
}

/** An event that is not stored. */
export interface PreviewEvent {
  readonly event_name: string;
  readonly timestamp: string;
  readonly idempotency_key: string;
  readonly customer_id: string | null;
  readonly external_customer_id: string | null;
  readonly properties: Readonly<Record<string, string | number | boolean>>;
}

export interface PreviewUsage {
  readonly account_id: string;
  readonly definitions: readonly UsageDefinition[];
  readonly windows: readonly UsageWindow[];
  /** At most 1,000, all of one customer. */
  readonly events: readonly PreviewEvent[];
}

export interface CloseUsage {
  readonly account_id: string;
  /** The price interval, as the caller names it: with a window it names a closing row. */
  readonly interval_id: string;
  readonly customer_ids: readonly string[];
  readonly definition: UsageDefinition;
  readonly windows: readonly UsageWindow[];
}

/** Closings of many price intervals. */
export interface CloseAll {
  readonly account_id: string;
  readonly closings: readonly Omit<CloseUsage, 'account_id'>[];
}

/** `behind`: what was accepted before the question is not all stored yet. Ask again. */
export type ClosedUsage =
  | { readonly state: 'closed'; readonly rows: readonly ClosingRow[] }
  | { readonly state: 'behind' }
  | { readonly state: 'refused'; readonly faults: readonly string[] };

/** Usage of a window when it was closed. It never changes: usage that comes later makes another revision. */
export interface ClosingRow extends WindowUsage {
  readonly interval_id: string;
  /** 0 is what `close` answers; each later one replaces the one before. */
  readonly revision: number;
  /** Everything accepted before this instant is in it. */
  readonly watermark: string;
}
