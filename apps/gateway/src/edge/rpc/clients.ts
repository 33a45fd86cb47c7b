import {
  AUTO_RELOAD,
  BALANCE_STEPS,
  BALANCES_AT,
  BLOCKS,
  CORRECTIONS,
  DOCUMENTS,
  EXPLAIN,
  GRANT_SCHEDULES,
  INVOICES,
  LEASES,
  LEDGER_HEALTH,
  MARGIN,
  PAYMENT_METHODS,
  PLAN_CHECKOUT,
  PLANS,
  RATE_CARDS,
  REFUNDS,
  rpcClient,
  STRIPE_RECONCILIATION,
  STRIPE_WEBHOOKS,
  TAX_RATES,
  TOP_UPS,
  WEBHOOKS,
  SUBSCRIPTIONS,
  TRANSACTIONS,
  USAGE,
  USAGE_INGEST,
  USAGE_PERIODS,
  WALLETS,
  type Client,
  type Transport,
} from '@orbit/contracts';

/** Operations of other services that the gateway asks for, typed by their contracts. */
export interface Clients {
  readonly blocks: Client<typeof BLOCKS>;
  readonly grantSchedules: Client<typeof GRANT_SCHEDULES>;
  readonly corrections: Client<typeof CORRECTIONS>;
  readonly leases: Client<typeof LEASES>;
  readonly webhooks: Client<typeof WEBHOOKS>;
  readonly wallets: Client<typeof WALLETS>;
  readonly transactions: Client<typeof TRANSACTIONS>;
  readonly explain: Client<typeof EXPLAIN>;
  readonly balancesAt: Client<typeof BALANCES_AT>;
  readonly ledgerHealth: Client<typeof LEDGER_HEALTH>;
  readonly margin: Client<typeof MARGIN>;
  readonly rateCards: Client<typeof RATE_CARDS>;
  readonly plans: Client<typeof PLANS>;
  readonly subscriptions: Client<typeof SUBSCRIPTIONS>;
  readonly planCheckout: Client<typeof PLAN_CHECKOUT>;
  readonly usage: Client<typeof USAGE>;
  readonly usageIngest: Client<typeof USAGE_INGEST>;
  readonly usagePeriods: Client<typeof USAGE_PERIODS>;
  readonly topUps: Client<typeof TOP_UPS>;
  readonly paymentMethods: Client<typeof PAYMENT_METHODS>;
  readonly autoReload: Client<typeof AUTO_RELOAD>;
  readonly refunds: Client<typeof REFUNDS>;
  readonly stripeReconciliation: Client<typeof STRIPE_RECONCILIATION>;
  readonly invoices: Client<typeof INVOICES>;
  readonly stripeWebhooks: Client<typeof STRIPE_WEBHOOKS>;
  readonly taxRates: Client<typeof TAX_RATES>;
  readonly documents: Client<typeof DOCUMENTS>;
  readonly balanceSteps: Client<typeof BALANCE_STEPS>;
}

/** The name under which Nest hands them out: a type has none. */
export const CLIENTS = Symbol('clients of other services');

interface Services {
  readonly walletLedger: Transport;
  readonly checkout: Transport;
  readonly usageMetering: Transport;
  readonly invoicing: Transport;
}

export const clientsOf = ({
  walletLedger,
  checkout,
  usageMetering,
  invoicing,
}: Services): Clients => ({
  blocks: rpcClient(BLOCKS, walletLedger),
  grantSchedules: rpcClient(GRANT_SCHEDULES, walletLedger),
  corrections: rpcClient(CORRECTIONS, walletLedger),
  leases: rpcClient(LEASES, walletLedger),
  webhooks: rpcClient(WEBHOOKS, invoicing),
  wallets: rpcClient(WALLETS, walletLedger),
  transactions: rpcClient(TRANSACTIONS, walletLedger),
  explain: rpcClient(EXPLAIN, walletLedger),
  balancesAt: rpcClient(BALANCES_AT, walletLedger),
  ledgerHealth: rpcClient(LEDGER_HEALTH, walletLedger),
  margin: rpcClient(MARGIN, walletLedger),
  rateCards: rpcClient(RATE_CARDS, walletLedger),
  plans: rpcClient(PLANS, invoicing),
  subscriptions: rpcClient(SUBSCRIPTIONS, invoicing),
  planCheckout: rpcClient(PLAN_CHECKOUT, checkout),
  usage: rpcClient(USAGE, usageMetering),
  usageIngest: rpcClient(USAGE_INGEST, usageMetering),
  usagePeriods: rpcClient(USAGE_PERIODS, usageMetering),
  topUps: rpcClient(TOP_UPS, checkout),
  paymentMethods: rpcClient(PAYMENT_METHODS, checkout),
  autoReload: rpcClient(AUTO_RELOAD, checkout),
  refunds: rpcClient(REFUNDS, checkout),
  stripeReconciliation: rpcClient(STRIPE_RECONCILIATION, checkout),
  invoices: rpcClient(INVOICES, invoicing),
  stripeWebhooks: rpcClient(STRIPE_WEBHOOKS, checkout),
  taxRates: rpcClient(TAX_RATES, invoicing),
  documents: rpcClient(DOCUMENTS, invoicing),
  balanceSteps: rpcClient(BALANCE_STEPS, walletLedger),
});
