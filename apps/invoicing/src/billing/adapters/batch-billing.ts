import { invariant } from '@orbit/kernel';
import { Prisma, type PrismaClient, type Sql } from '@orbit/persistence';
import { isConnectionFailure, type Logger } from '@orbit/runtime';
import {
  lastNumber,
  lockSeries,
  takeNumbers,
} from '../../numbering/adapters/sql-document-series.js';
import type { BatchSubject, BillingBatches, BillingTransaction } from '../application/ports.js';
import { BatchNumbers, Writes, type LoadedBatch } from './batch-state.js';
import { BatchTransaction } from './batch-transaction.js';
import { insertInvoices, putLines, saveInvoices } from './batch-writes.js';
import type { OtherRooms } from './sql-billing.js';
import { SqlBillingCustomers } from './sql-billing-customers.js';
import { SqlInvoices } from './sql-invoices.js';
import { SqlSubscriptions } from './sql-subscriptions.js';

const WAIT_MS_MAX = 5_000;
const TRANSACTION_MS_MAX = 60_000;

/** The work of many subjects in one transaction, with as many statements for five hundred as for one. */
export class SqlBillingBatches implements BillingBatches {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly others: OtherRooms,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  /** A batch that the database refuses is left to go one by one. */
  async run(
    accountId: string,
    subjects: readonly BatchSubject[],
    work: (tx: BillingTransaction, subject: BatchSubject) => Promise<void>,
  ): Promise<readonly BatchSubject[]> {
    try {
      return await this.prisma.$transaction((sql) => this.inside(sql, accountId, subjects, work), {
        maxWait: WAIT_MS_MAX,
        timeout: TRANSACTION_MS_MAX,
      });
    } catch (err) {
      const isRefused = err instanceof Prisma.PrismaClientKnownRequestError;
      if (!isRefused || isConnectionFailure(err)) throw err;
      this.logger.warn({ account_id: accountId, err }, 'a batch goes one by one');
      return subjects;
    }
  }

  private async inside(
    sql: Sql,
    accountId: string,
    subjects: readonly BatchSubject[],
    work: (tx: BillingTransaction, subject: BatchSubject) => Promise<void>,
  ): Promise<readonly BatchSubject[]> {
    const batch = await this.load(sql, accountId, subjects);
    const { done, left, numbers } = await this.work(sql, batch, subjects, work);
    await this.write(sql, batch, done, numbers);
    return left;
  }

  /** Locks in the order in which everybody takes them: subscriptions, customers, invoices; each by id. */
  private async load(
    sql: Sql,
    accountId: string,
    subjects: readonly BatchSubject[],
  ): Promise<LoadedBatch> {
    const { publicUrl } = this.others;
    const ids = [...new Set(subjects.map(({ subscriptionId }) => subscriptionId))];
    const invoices = new SqlInvoices(sql, publicUrl);
    const subscriptions = await new SqlSubscriptions(sql).lockAll(accountId, ids);
    const customerIds = [...new Set(subscriptions.map(({ customerId }) => customerId))];
    const profiles = new SqlBillingCustomers(sql, this.others.profiles(sql));
    const customers = await profiles.lockAll(accountId, customerIds);
    const invoiceIds = subjects.flatMap(({ invoiceId }) => invoiceId ?? []);
    const drafts = await invoices.lockAll(accountId, invoiceIds);
    return {
      ...{ accountId, publicUrl },
      subscriptions: byId(subscriptions),
      customers: byId(customers),
      invoices: new Map(drafts.map((parts) => [parts.invoice.id, parts])),
      billed: await invoices.billedLinesOf(ids),
      dates: await invoices.datesOfAll(ids),
      balances: await invoices.balancesOf(customerIds),
      rates: await this.others.taxes(sql).read(accountId),
    };
  }

  private async work(
    sql: Sql,
    batch: LoadedBatch,
    subjects: readonly BatchSubject[],
    work: (tx: BillingTransaction, subject: BatchSubject) => Promise<void>,
  ): Promise<{ done: Writes; left: readonly BatchSubject[]; numbers: BatchNumbers }> {
    const { accountId } = batch;
    const numbers = new BatchNumbers();
    const shared = {
      ...{ batch, numbers },
      planView: remembered(this.others.plans(sql).planView),
      beginNumbers: async (year: number) => {
        await lockSeries(sql, accountId);
        return lastNumber(sql, accountId, 'invoice', year);
      },
    };
    const done = new Writes();
    const left: BatchSubject[] = [];
    for (const subject of subjects) {
      const tx = new BatchTransaction(shared);
      const giveBack = numbers.mark();
      try {
        await work(tx, subject);
        done.add(tx.writes);
      } catch {
        // Nothing of it is written. Whatever was the matter is met again where it goes by itself.
        giveBack();
        left.push(subject);
      }
    }
    return { done, left, numbers };
  }

  private async write(
    sql: Sql,
    { accountId, invoices }: LoadedBatch,
    { inserted, saved, lines, looks, facts }: Writes,
    numbers: BatchNumbers,
  ): Promise<void> {
    await insertInvoices(sql, [...inserted.values()]);
    await putLines(
      sql,
      [...lines].map(([invoiceId, of]) => {
        const known = invoices.get(invoiceId);
        const invoice = known?.invoice ?? inserted.get(invoiceId)?.invoice;
        const subscriptionId = invoice?.subscriptionId ?? null;
        return { invoiceId, subscriptionId, hadLines: (known?.lines.length ?? 0) > 0, lines: of };
      }),
    );
    await saveInvoices(sql, [...saved.values()]);
    await new SqlSubscriptions(sql).saveLooks([...looks.values()]);
    await this.others.facts(sql).recordAll(facts);
    if (numbers.counts.size === 0) return;
    const last = await takeNumbers(sql, accountId, 'invoice', numbers.counts);
    invariant(numbers.areLast(last), 'nobody numbers documents while a batch does');
  }
}

const byId = <T extends { readonly id: string }>(rows: readonly T[]): ReadonlyMap<string, T> =>
  new Map(rows.map((one) => [one.id, one]));

/** Asks once for the same. */
function remembered<A extends unknown[], T>(
  ask: (...args: A) => Promise<T>,
): (...args: A) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (...args) => {
    const name = JSON.stringify(args);
    const answer = known.get(name) ?? ask(...args);
    known.set(name, answer);
    return answer;
  };
}
