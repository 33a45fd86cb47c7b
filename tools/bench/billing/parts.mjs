/** Billing in this process: its own database, and a usage-metering and a ledger that answer at once. */
import { createPrisma } from '@orbit/persistence';
import { CREDIT_DRAWS_RPC, METERED_RPC } from '@orbit/contracts';
import { RpcUsageSource } from '../../../apps/invoicing/dist/billing/adapters/rpc-usage-source.js';
import { BillingFeature } from '../../../apps/invoicing/dist/billing/billing.module.js';
import { RpcCreditLedger } from '../../../apps/invoicing/dist/draws/adapters/rpc-credit-ledger.js';
import { SqlFacts } from '../../../apps/invoicing/dist/webhooks/adapters/sql-facts.js';
import { QUANTITY } from './subscriptions.mjs';

const group = (quantity) => [{ values: [], quantity, event_count: 1, fingerprint: '1' }];
const rows = (windows) => windows.map((window) => ({ ...window, groups: group(QUANTITY) }));

const closed = ({ windows }) => ({ state: 'closed', rows: rows(windows) });
const counted = ({ definitions, windows }) => ({
  faults: [],
  results: definitions.map(() => ({ windows: rows(windows) })),
});

/** Usage-metering's answer for the windows of March; it is measured by suites of its own. */
const METERING = {
  [METERED_RPC.closeAll]: ({ closings }) => closings.map(closed),
  [METERED_RPC.usageOfAll]: ({ questions }) => questions.map(counted),
};

/** Nobody holds credit. */
const LEDGER = {
  [CREDIT_DRAWS_RPC.held]: ({ holders }) => ({ held: holders.map(() => ({ currencies: [] })) }),
};

/** As over the wire: what is asked and said is text in between. */
const answering = (answers) => ({
  call: async (pattern, request) => {
    const answer = answers[pattern];
    if (!answer) throw new Error(`nobody answers ${pattern} here`);
    return JSON.parse(JSON.stringify(answer(JSON.parse(JSON.stringify(request)))));
  },
});

export function billingUnderTest(databaseUrl, { nowMs }) {
  const prisma = createPrisma(databaseUrl, { poolSizeMax: 4 });
  const clock = { nowMs: () => Date.now() };
  const metering = new RpcUsageSource(answering(METERING));
  const billing = new BillingFeature({
    ...{ prisma, clock, publicUrl: 'https://billing.test' },
    accountClock: { nowMs: () => Promise.resolve(nowMs), standsAtMs: () => Promise.resolve(null) },
    plansIn: () => ({ planView: () => Promise.resolve(null) }),
    factsIn: (sql) => new SqlFacts(sql, clock),
    usage: metering,
    usageVersions: { versions: () => Promise.resolve(new Map()) },
    credits: new RpcCreditLedger(answering(LEDGER)),
    payments: { pay: () => Promise.reject(new Error('nobody pays here')) },
    logger: { info: () => undefined, warn: () => undefined },
  });
  return { prisma, billing };
}
