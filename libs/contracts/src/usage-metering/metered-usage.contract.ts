import { namesOf, operation } from '../schema/operation.js';
import {
  flag,
  integer,
  list,
  nullable,
  object,
  oneOf,
  optional,
  record,
  text,
  type Shape,
  type Static,
} from '../schema/shape.js';

export const USAGE_DEFINITIONS_MAX = 100;
export const USAGE_WINDOWS_MAX = 1_000;
export const USAGE_CUSTOMERS_MAX = 1_000;
export const PREVIEW_EVENTS_MAX = 1_000;

const account = { account_id: text({ minLength: 1 }) } as const;
const scalars = record({
  anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }],
} as Shape<string | number | boolean>);

export const MetricSummary = object({
  id: text(),
  name: text(),
  item_id: text(),
  status: oneOf(['active', 'archived']),
  /** Its windows add up: the quantity of a period is the sum of those of its days. */
  is_additive: flag(),
});
export type MetricSummary = Static<typeof MetricSummary>;

/** The counted usage: a metric, narrowed and split. The same one is always counted in the same way. */
export const UsageDefinition = object({
  metric_id: text(),
  /** By name; those that are left out have the metric's defaults. */
  parameters: optional(scalars),
  /** A boolean expression over properties; null: every event of the metric. */
  filter: nullable(text()),
  /** Properties, event columns or computed properties by whose values usage is grouped. */
  grouping_keys: list(text()),
});
export type UsageDefinition = Static<typeof UsageDefinition>;

/** Sentences that name the part: `filter: …`, `grouping_keys.0: …`. None: it can be counted. */
const faults = { faults: list(text()) } as const;
export const DefinitionCheck = object(faults);
export type DefinitionCheck = Static<typeof DefinitionCheck>;

/** Half open: an event at `to` belongs to the next one. ISO 8601, UTC, milliseconds. */
const window = { from: text(), to: text() } as const;
export const UsageWindow = object(window);
export type UsageWindow = Static<typeof UsageWindow>;

const counted = {
  /** At most `USAGE_DEFINITIONS_MAX`. */
  definitions: list(UsageDefinition),
  /** At most `USAGE_WINDOWS_MAX`; may overlap, in any order. */
  windows: list(UsageWindow),
} as const;

const question = {
  ...counted,
  /** Their events are counted together; at most `USAGE_CUSTOMERS_MAX`. */
  customer_ids: list(text()),
  /**
   * True: it will be asked again and again (a price that is stored), so rollups are kept from now on. Absent: only
   * metrics without filter, grouping keys and parameters are kept. Definitions that `close` asks for are always kept.
   */
  is_lasting: optional(flag()),
} as const;
export const UsageQuery = object({ ...account, ...question });
export type UsageQuery = Static<typeof UsageQuery>;

/** Questions of many customers. */
export const UsageOfAll = object({ ...account, questions: list(object(question)) });
export type UsageOfAll = Static<typeof UsageOfAll>;

/** An event that is not stored. */
export const PreviewEvent = object({
  event_name: text(),
  timestamp: text(),
  idempotency_key: text(),
  customer_id: nullable(text()),
  external_customer_id: nullable(text()),
  properties: scalars,
});
export type PreviewEvent = Static<typeof PreviewEvent>;

export const PreviewUsage = object({
  ...account,
  ...counted,
  /** At most `PREVIEW_EVENTS_MAX`, all of one customer. */
  events: list(PreviewEvent),
});
export type PreviewUsage = Static<typeof PreviewUsage>;

export const GroupUsage = object({
  /** In the order of the grouping keys; null where events do not have the property. */
  values: list(nullable(text())),
  /** Decimal string. */
  quantity: text(),
  /** Events that passed the metric's and the definition's filter. */
  event_count: integer(),
  /** Σ of the events' 128-bit hashes mod 2^128, 32 hex digits: the same for the same set of events in any order. */
  fingerprint: text(),
});
export type GroupUsage = Static<typeof GroupUsage>;

const windowUsage = {
  ...window,
  /** With grouping keys: only groups that have events. Without: always one, of quantity "0" where nothing happened. */
  groups: list(GroupUsage),
} as const;
export const WindowUsage = object(windowUsage);
export type WindowUsage = Static<typeof WindowUsage>;

/** One a window, in their order. */
export const DefinitionUsage = object({ windows: list(WindowUsage) });
export type DefinitionUsage = Static<typeof DefinitionUsage>;

export const UsageAnswer = object({
  /** Of the question, if it cannot be answered: then there are no results. */
  ...faults,
  /** One a definition, in their order. */
  results: list(DefinitionUsage),
});
export type UsageAnswer = Static<typeof UsageAnswer>;

/** The price interval, as the caller names it: with a window it names a closing row. */
const interval = { interval_id: text() } as const;

const closing = {
  ...interval,
  customer_ids: list(text()),
  definition: UsageDefinition,
  windows: list(UsageWindow),
} as const;
export const CloseUsage = object({ ...account, ...closing });
export type CloseUsage = Static<typeof CloseUsage>;

/** Closings of many price intervals. */
export const CloseAll = object({ ...account, closings: list(object(closing)) });
export type CloseAll = Static<typeof CloseAll>;

/** Usage of a window when it was closed. It never changes: usage that comes later makes another revision. */
export const ClosingRow = object({
  ...windowUsage,
  ...interval,
  /** 0 is the row of `close`; each later one replaces the one before. */
  revision: integer(),
  /** Everything accepted before this instant is in it. */
  watermark: text(),
});
export type ClosingRow = Static<typeof ClosingRow>;

/** `behind`: not everything accepted before the question is stored yet. Ask again. */
export type ClosedUsage =
  | { readonly state: 'closed'; readonly rows: readonly ClosingRow[] }
  | { readonly state: 'behind' }
  | { readonly state: 'refused'; readonly faults: readonly string[] };
/** Which fields go with which state, the type says and the schema does not. */
export const ClosedUsage = object({
  state: oneOf(['closed', 'behind', 'refused']),
  rows: optional(list(ClosingRow)),
  faults: optional(list(text())),
}) as Shape<unknown> as Shape<ClosedUsage>;

/** By customer, a number that grows with each change of the events that count; absent: there never was one. */
export const CustomerUsageVersions = record(text());
export type CustomerUsageVersions = Static<typeof CustomerUsageVersions>;

/**
 * Sums over usage events. Decimals are strings, exact. A question that is too large, or asks for
 * something that cannot be counted, gets `faults`.
 */
export const METERED = {
  /** In the order asked for; unknown ids are left out. */
  metrics: operation(
    'metered.metrics',
    object({ ...account, metric_ids: list(text()) }),
    list(MetricSummary),
  ),
  /** One each, in their order. */
  check: operation(
    'metered.check',
    object({ ...account, definitions: list(UsageDefinition) }),
    list(DefinitionCheck),
  ),
  /** Of stored events. */
  usage: operation('metered.usage', UsageQuery, UsageAnswer),
  /** One each, in their order. */
  usageOfAll: operation('metered.usage_of_all', UsageOfAll, list(UsageAnswer)),
  /** The same over given events; nothing is stored or read. */
  preview: operation('metered.preview', PreviewUsage, UsageAnswer),
  /** May be repeated, with the same rows. */
  close: operation('metered.close', CloseUsage, ClosedUsage),
  /** One each, in their order; those of the same customers together. */
  closeAll: operation('metered.close_all', CloseAll, list(ClosedUsage)),
  /** All revisions, oldest first. */
  closings: operation('metered.closings', object({ ...account, ...interval }), list(ClosingRow)),
  /** Which customers' usage changed since it was asked last. */
  versions: operation(
    'metered.versions',
    object({ ...account, customer_ids: list(text(), { maxItems: USAGE_CUSTOMERS_MAX }) }),
    CustomerUsageVersions,
  ),
} as const;

/** The names on the wire, for who asks without a client. */
export const METERED_RPC = namesOf(METERED);
