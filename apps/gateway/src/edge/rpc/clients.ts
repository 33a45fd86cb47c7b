import {
  BALANCES_AT,
  BLOCKS,
  CORRECTIONS,
  EXPLAIN,
  GRANT_SCHEDULES,
  LEASES,
  LEDGER_HEALTH,
  MARGIN,
  rpcClient,
  WEBHOOKS,
  TRANSACTIONS,
  WALLETS,
  type Client,
  type Transport,
} from '@orbit/contracts';

/** What the gateway asks of other services, typed by their contracts. */
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
}

/** The name under which Nest hands them out: a type has none. */
export const CLIENTS = Symbol('clients of other services');

export const clientsOf = ({
  walletLedger,
  invoicing,
}: {
  readonly walletLedger: Transport;
  readonly invoicing: Transport;
}): Clients => ({
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
});
