/**
 * A billing run in a process of its own, which dies at its fail point. argv: a JSON of {databaseUrl, ledgerPort,
 * accountId, nowMs, events, failPoint}; failPoint: {at: 'in' | 'after', nth}, in or after the n-th transaction,
 * {at: 'statement', nth}, before the n-th statement of all transactions, or null.
 * Ends with 0 when everything due is done, with 3 when the ledger was not there.
 */
import { createPrisma } from '@orbit/persistence';
import { decimal, sumOf, usageOf } from '@orbit/pricing';
import { BillingFeature } from '../../../apps/invoicing/dist/billing/billing.module.js';
import { RpcCreditLedger } from '../../../apps/invoicing/dist/draws/adapters/rpc-credit-ledger.js';
import { SqlFacts } from '../../../apps/invoicing/dist/webhooks/adapters/sql-facts.js';

const LEDGER_IS_AWAY = 3;
const job = JSON.parse(process.argv[2]);
const { accountId, nowMs, failPoint } = job;
const die = () => process.kill(process.pid, 'SIGKILL');

const prisma = createPrisma(job.databaseUrl, { poolSizeMax: 2 });
let transactions = 0;
let statements = 0;
/** A transaction that dies before one of its statements. */
const counted = (sql) =>
  new Proxy(sql, {
    get: (target, name) => {
      const value = target[name];
      if (name !== '$queryRaw' && name !== '$executeRaw') return value;
      return (...of) => {
        if (failPoint?.at === 'statement' && failPoint.nth === ++statements) die();
        return value.apply(target, of);
      };
    },
  });
const run = prisma.$transaction.bind(prisma);
Object.defineProperty(prisma, '$transaction', {
  value: async (work, options) => {
    const nth = ++transactions;
    const dies = (at) => failPoint?.at === at && failPoint.nth === nth && die();
    const done = await run(async (sql) => {
      const result = await work(counted(sql));
      dies('in');
      return result;
    }, options);
    dies('after');
    return done;
  },
});

/** Counts events by their time, as usage-metering does. */
const count = ({ customerIds, startMs, endMs }) =>
  usageOf(
    sumOf(
      customerIds
        .flatMap((id) => job.events[id] ?? [])
        .filter(({ atMs }) => startMs <= atMs && atMs < endMs)
        .map(({ quantity }) => decimal(quantity)),
    ),
  );
const countedOf = (_account, asks) =>
  Promise.resolve(new Map(asks.map((ask) => [ask.key, count(ask)])));

const countedOfAll = (account, lists) => Promise.all(lists.map((asks) => countedOf(account, asks)));

async function callLedger(pattern, request) {
  const body = JSON.stringify({ pattern, request });
  const answer = await fetch(`http://127.0.0.1:${job.ledgerPort}`, { method: 'POST', body });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

const clock = { nowMs: () => Date.now() };
const billing = new BillingFeature({
  ...{ prisma, clock, publicUrl: 'https://billing.test' },
  accountClock: { nowMs: () => Promise.resolve(nowMs), standsAtMs: () => Promise.resolve(null) },
  plansIn: () => ({ planView: () => Promise.resolve(null) }),
  factsIn: (sql) => new SqlFacts(sql, clock),
  usage: {
    ...{ read: countedOf, close: countedOf, readAll: countedOfAll, closeAll: countedOfAll },
    names: () => Promise.resolve(new Map()),
  },
  usageVersions: { versions: () => Promise.resolve(new Map()) },
  credits: new RpcCreditLedger({ call: callLedger }),
  payments: { pay: () => Promise.reject(new Error('nobody pays here')) },
  logger: { info: () => undefined, warn: () => undefined },
});
try {
  const { status } = await billing.run.runDue(accountId, nowMs);
  process.exit(status === 'done' ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(error instanceof TypeError ? LEDGER_IS_AWAY : 1);
}
