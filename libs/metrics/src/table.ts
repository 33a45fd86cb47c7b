/** One metric, as Prometheus sees it. */
export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Unit of the number; the name ends with it where Prometheus' rules for names want that. */
  readonly unit: 'seconds' | 'bytes' | 'ratio' | 'boolean' | 'items';
  readonly help: string;
  /** Closed or bounded sets only, and never an account, an organization or an id of anything. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
  /** Services that have it. */
  readonly services: readonly Service[];
}

export type Service = (typeof SERVICES)[number];
export const SERVICES = [
  'gateway',
  'wallet-ledger',
  'checkout',
  'usage-metering',
  'invoicing',
] as const;

/** On every series, beside the labels of its own. */
export const COMMON_LABELS = ['service'] as const;

const CONSUMERS = ['wallet-ledger', 'checkout', 'usage-metering', 'invoicing'] as const;
const OUTBOXES = ['wallet-ledger', 'checkout', 'invoicing'] as const;
const HTTP_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const STEP_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];
const WAIT_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600];
const GROUP_BUCKETS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];

/** Every metric that a service answers on `/metrics`. Code, dashboards, alert rules and docs name no other. */
export const METRICS = {
  orbit_http_request_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Requests by template of their route (`unmatched` where there is none), from the first header to the last byte.',
    labels: ['route', 'method', 'status'],
    buckets: HTTP_BUCKETS,
    services: ['gateway'],
  },
  orbit_wrong_keys_total: {
    type: 'counter',
    unit: 'items',
    help: 'Keys that opened nothing, by door (`organization`, `account`, `operator`); `throttled`: their address had sent too many.',
    labels: ['door', 'answer'],
    services: ['gateway'],
  },
  orbit_refused_requests_total: {
    type: 'counter',
    unit: 'items',
    help: 'Requests that got 401, 403 or 429, and signatures that do not fit, by door.',
    labels: ['door', 'status'],
    services: ['gateway'],
  },
  orbit_spend_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Authorizing, capturing, releasing and charging, plan and wallet together, Kafka included where it waits for it.',
    labels: ['operation'],
    buckets: STEP_BUCKETS,
    services: ['gateway'],
  },
  orbit_spend_total: {
    type: 'counter',
    unit: 'items',
    help: 'What they came to: `authorized`, `captured`, `released`, `charged`, the reason of a refusal, or the code of an error.',
    labels: ['operation', 'outcome'],
    services: ['gateway'],
  },
  orbit_ledger_step_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Steps of posting one group: `claim` (room in Redis), `commit` (the transaction), `settle` (hot balances), `publish` (events).',
    labels: ['step'],
    buckets: STEP_BUCKETS,
    services: ['wallet-ledger'],
  },
  orbit_ledger_step_failures_total: {
    type: 'counter',
    unit: 'items',
    help: 'Steps that failed; the group is tried again.',
    labels: ['step'],
    services: ['wallet-ledger'],
  },
  orbit_ledger_group_items: {
    type: 'histogram',
    unit: 'items',
    help: 'Entries and rejections that one transaction wrote.',
    labels: [],
    buckets: GROUP_BUCKETS,
    services: ['wallet-ledger'],
  },
  orbit_ledger_postings_total: {
    type: 'counter',
    unit: 'items',
    help: 'Entries committed, by kind.',
    labels: ['kind'],
    services: ['wallet-ledger'],
  },
  orbit_ledger_rejections_total: {
    type: 'counter',
    unit: 'items',
    help: 'Charges that the ledger rejected, by reason.',
    labels: ['reason'],
    services: ['wallet-ledger'],
  },
  orbit_holds_open: {
    type: 'gauge',
    unit: 'items',
    help: 'Open holds in Redis, claims of the ledger included. Wallets are counted in turn, 500 every 5 seconds.',
    labels: [],
    services: ['wallet-ledger'],
  },
  orbit_captures_unsettled: {
    type: 'gauge',
    unit: 'items',
    help: 'Captured charges that are not in the books yet, counted as the holds are.',
    labels: [],
    services: ['wallet-ledger'],
  },
  orbit_redis_trusted: {
    type: 'gauge',
    unit: 'boolean',
    help: '1 while the memory of Redis is trusted; 0 after a loss, until the ledger has read all that was captured before.',
    labels: [],
    services: ['wallet-ledger'],
  },
  orbit_reconciliation_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How long ago each check of the books last held.',
    labels: ['check'],
    services: ['wallet-ledger'],
  },
  orbit_reconciliation_breaches: {
    type: 'gauge',
    unit: 'items',
    help: 'Wallets that are frozen because their books do not add up.',
    labels: [],
    services: ['wallet-ledger'],
  },
  orbit_consumer_lag: {
    type: 'gauge',
    unit: 'items',
    help: 'Messages that the group has not committed yet. Each instance reports the whole group: take the maximum, not the sum.',
    labels: ['group', 'topic'],
    services: CONSUMERS,
  },
  orbit_rpc_refused_total: {
    type: 'counter',
    unit: 'items',
    help: 'RPC calls that were not carried out: `unproven` (no token, or a wrong one) or `not_allowed` (not in the table of callers).',
    labels: ['reason'],
    services: CONSUMERS,
  },
  orbit_dead_letters_total: {
    type: 'counter',
    unit: 'items',
    help: 'Messages that were put to the dead letters of their topic.',
    labels: ['topic', 'reason'],
    services: CONSUMERS,
  },
  orbit_outbox_depth: {
    type: 'gauge',
    unit: 'items',
    help: 'Events in the outbox that Kafka does not have yet.',
    labels: [],
    services: OUTBOXES,
  },
  orbit_outbox_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'Age of the oldest of them; 0 when there is none.',
    labels: [],
    services: OUTBOXES,
  },
  orbit_webhooks_total: {
    type: 'counter',
    unit: 'items',
    help: 'Webhooks of Stripe that were handled, by type (`other` for what no part of ours wants) and what they came to.',
    labels: ['type', 'outcome'],
    services: ['checkout'],
  },
  orbit_webhook_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Handling one webhook, Stripe asked and the books of checkout written.',
    labels: ['type'],
    buckets: HTTP_BUCKETS,
    services: ['checkout'],
  },
  orbit_webhook_deliveries_total: {
    type: 'counter',
    unit: 'items',
    help: 'Attempts to send an event to an endpoint of an account: `delivered`, `retried` later, or `failed` for good.',
    labels: ['outcome'],
    services: ['invoicing'],
  },
  orbit_webhook_delivery_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'One attempt, until the receiver answered or did not.',
    labels: [],
    buckets: HTTP_BUCKETS,
    services: ['invoicing'],
  },
  orbit_webhook_deliveries_due: {
    type: 'gauge',
    unit: 'items',
    help: 'Deliveries whose next attempt is due.',
    labels: [],
    services: ['invoicing'],
  },
  orbit_webhook_deliveries_age_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'How long the oldest of them has been due; 0 when there is none.',
    labels: [],
    services: ['invoicing'],
  },
  orbit_usage_events_total: {
    type: 'counter',
    unit: 'items',
    help: 'Usage events that were read from `usage.ingested` and stored or found to be there.',
    labels: [],
    services: ['usage-metering'],
  },
  orbit_usage_stored_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'From Kafka until a message is stored, registered and rolled up, which is one transaction.',
    labels: [],
    buckets: WAIT_BUCKETS,
    services: ['usage-metering'],
  },
  orbit_job_seconds: {
    type: 'histogram',
    unit: 'seconds',
    help: 'Runs of background jobs, such as the billing run, sealing or granting of schedules.',
    labels: ['job'],
    buckets: HTTP_BUCKETS,
    services: SERVICES,
  },
  orbit_job_failures_total: {
    type: 'counter',
    unit: 'items',
    help: 'Runs that failed; the job is tried again.',
    labels: ['job'],
    services: SERVICES,
  },
  orbit_collection_failures_total: {
    type: 'counter',
    unit: 'items',
    help: 'Readings for `/metrics` that failed or took too long; what they would have set is not reported.',
    labels: ['reading'],
    services: SERVICES,
  },
  orbit_process_cpu_seconds_total: {
    type: 'counter',
    unit: 'seconds',
    help: 'CPU time of the process, user and system.',
    labels: [],
    services: SERVICES,
  },
  orbit_process_resident_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'Resident memory.',
    labels: [],
    services: SERVICES,
  },
  orbit_process_heap_used_bytes: {
    type: 'gauge',
    unit: 'bytes',
    help: 'JavaScript heap in use.',
    labels: [],
    services: SERVICES,
  },
  orbit_process_start_time_seconds: {
    type: 'gauge',
    unit: 'seconds',
    help: 'When the process started, in Unix time.',
    labels: [],
    services: SERVICES,
  },
  orbit_event_loop_utilization: {
    type: 'gauge',
    unit: 'ratio',
    help: 'Share of the time since the last reading in which the event loop was busy; near 1 the process is the limit.',
    labels: [],
    services: SERVICES,
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

type Table = typeof METRICS;
export type MetricName = keyof Table;
export type MetricNameOf<T extends MetricSpec['type']> = {
  [N in MetricName]: Table[N]['type'] extends T ? N : never;
}[MetricName];
export type LabelsOf<N extends MetricName> = Table[N]['labels'][number];
