/** The services that are asked over RPC. */
export const RPC_CALLEES = ['wallet-ledger', 'checkout', 'usage-metering', 'invoicing'] as const;
export type RpcCallee = (typeof RPC_CALLEES)[number];

/** Callers over RPC: the services, and every process of a product's own that authorizes with libs/spend. */
export const RPC_CALLERS = [
  'gateway',
  'checkout',
  'usage-metering',
  'invoicing',
  'spender',
] as const;
export type RpcCaller = (typeof RPC_CALLERS)[number];

/** Names of operations; `lease.*` is every operation whose name begins with `lease.`. */
type Allowed = Readonly<Partial<Record<RpcCaller, readonly string[]>>>;

/**
 * The operations that each caller may ask of each service. The service refuses everything else, whoever asks
 * (`CallerGate` of libs/runtime), so a taken-over caller can do no more than this. The
 * network policies of `deploy/kubernetes` let through the same pairs.
 */
export const RPC_ALLOWED: Readonly<Record<RpcCallee, Allowed>> = {
  'wallet-ledger': {
    gateway: [
      ...['wallet.*', 'lease.*', 'block.*', 'blocks.list', 'grant_schedule.*', 'charge.*'],
      ...['transactions.list', 'ledger.*', 'margin.read', 'rate_card.*'],
      ...['balance_steps.balances', 'orb.*'],
    ],
    checkout: [
      ...['refund.reserve', 'payment_entries.*', 'transactions.list'],
      ...['wallet.pause', 'wallet.movements', 'wallet.configure'],
    ],
    invoicing: [
      ...['block.grant', 'credits.*', 'credit_sales.*', 'balance_steps.*', 'account_clock.*'],
      ...['orb.find-credit-block-owner', 'orb.fetch-credit-block'],
    ],
    spender: ['wallet.load', 'lease.*', 'rate_card.read'],
  },
  checkout: {
    gateway: [
      ...['topup.*', 'payment_methods.*', 'auto_reload.*', 'plan_checkout.*', 'plan.*'],
      ...['plan_price.*', 'refunds.*', 'disputes.*', 'stripe.*', 'orb.*'],
    ],
    invoicing: ['invoice_payments.*', 'account_clock.*'],
  },
  'usage-metering': {
    gateway: ['usage.*', 'orb.*'],
    invoicing: ['metered.*', 'account_clock.*'],
  },
  invoicing: {
    gateway: [
      ...['plans.list', 'plan_price.*', 'subscription.*', 'invoices.*', 'credit_notes.*'],
      ...['webhooks.*', 'documents.*', 'tax_rates.*', 'account_clock.stand', 'orb.*'],
    ],
    'usage-metering': ['orb.fetch-item', 'orb.list-subscriptions'],
  },
};

/** Whether the table lets `caller` ask `callee` for the operation of this name. */
export function mayCall(callee: RpcCallee, caller: string, operation: string): boolean {
  const allowed = Object.entries(RPC_ALLOWED[callee]).find(([name]) => name === caller)?.[1] ?? [];
  return allowed.some((name) =>
    name.endsWith('.*') ? operation.startsWith(name.slice(0, -1)) : operation === name,
  );
}
