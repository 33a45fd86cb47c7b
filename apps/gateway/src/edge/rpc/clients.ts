import {
  BLOCKS,
  CORRECTIONS,
  GRANT_SCHEDULES,
  LEASES,
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
});
