import type { PrismaClient, Sql } from '@orbit/persistence';
import type { FactsOfMany } from '../../webhooks/domain/fact.js';
import type {
  AllocatedCredit,
  BillingCatalogue,
  BillingRuns,
  BillingTransaction,
  TaxProvider,
} from '../application/ports.js';
import {
  SqlBillingCustomers,
  SqlBillingItems,
  type ProfileReader,
} from './sql-billing-customers.js';
import { SqlInvoices } from './sql-invoices.js';
import { SqlSubscriptions } from './sql-subscriptions.js';

/** Readers of other rooms, on a connection or in a transaction of ours. */
export interface OtherRooms {
  /** Where customers reach the gateway. */
  readonly publicUrl: string;
  facts(sql: Sql): FactsOfMany;
  taxes(sql: Sql): TaxProvider;
  allocations(sql: Sql): AllocatedCredit;
  profiles(sql: Sql): ProfileReader;
  plans(sql: Sql): Pick<BillingCatalogue, 'planView'>;
}

export const sqlBilling = (sql: Sql, others: OtherRooms): BillingTransaction => ({
  subscriptions: new SqlSubscriptions(sql),
  invoices: new SqlInvoices(sql, others.publicUrl),
  catalogue: others.plans(sql),
  items: new SqlBillingItems(sql),
  taxes: others.taxes(sql),
  allocations: others.allocations(sql),
  facts: others.facts(sql),
  customers: new SqlBillingCustomers(sql, others.profiles(sql)),
});

const WAIT_MS_MAX = 5_000;
const TRANSACTION_MS_MAX = 10_000;

export class PrismaBillingRuns implements BillingRuns {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly others: OtherRooms,
  ) {}

  run<T>(work: (tx: BillingTransaction) => Promise<T>): Promise<T> {
    return this.prisma.$transaction((sql) => work(sqlBilling(sql, this.others)), {
      maxWait: WAIT_MS_MAX,
      timeout: TRANSACTION_MS_MAX,
    });
  }
}
