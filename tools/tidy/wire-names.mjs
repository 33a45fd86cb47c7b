// Names that keep a word which the glossary says is not used, because others rely on them: columns, fields, states,
// RPC patterns, routes, labels of metrics, names of the language. Code may say them, and nothing else of the word.
// Few, and each with its reason: a new name of our own is never one.

/** Patterns as they stand in code. */
export const WIRE_NAMES = [
  // Columns and tables that migrations made.
  ...['settles_late', 'name_told_at', 'wallet_ledger\\.lease_grant', 'told IS DISTINCT'],
  // Stored already: metadata of entries and subscriptions, outcomes of webhooks, reasons of parked top-ups.
  ...['lapsed_micros', 'orb_settled_at', 'subscription_told'],
  '(?:session|organization|currency|amount)_mismatch',
  // Fields and patterns of the API and between services.
  ...['settle_late', 'is_settled', 'account_clock\\.settle'],
  // The state of a hot balance that the command line prints.
  "['`]lapsed['`]",
  // Labels of metrics and names of fail points: dashboards and commands have them.
  ...["\\| 'settle' \\|", "timed\\('settle'", '`settle` \\(hot balances\\)', 'after_settle'],
  // The sandbox: its planned tasks, fields and routes.
  ...['settle_payment', 'settle_refund', '(?:debit_)?settle_ms'],
  ...[':id/settle', 'payment\\.id\\}/settle'],
  // The language.
  'allSettled',
];
