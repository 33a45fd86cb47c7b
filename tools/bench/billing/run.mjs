/** A billing run over many subscriptions that are due at once, beside the same rows written by bare statements. */
import { median, row, short } from '../numbers.mjs';
import { profiled } from '../profile.mjs';
import { EMPTY, withClient } from '../servers.mjs';
import { readBatches, writeBare } from './bare.mjs';
import { billingUnderTest } from './parts.mjs';
import { ACCOUNT, ISSUE_MS, LINES, putSubscriptions, TOTAL } from './subscriptions.mjs';

const TEMPLATE = 'bench_billing_due';
const DATABASE = 'bench_billing';
const TARGET = 0.3;
const PER_SECOND = 500;

/** Checks that exactly the due invoices came out: once, numbered without gaps, at the price that is known. */
async function check(client, count) {
  const { rows } = await client.query(
    `SELECT (SELECT count(*) FROM invoicing.orb_invoice WHERE stage = 'issued' AND total = $1)::integer AS issued,
       (SELECT count(*) FROM invoicing.orb_invoice)::integer AS invoices,
       (SELECT count(*) FROM invoicing.orb_invoice_line)::integer AS lines,
       (SELECT count(DISTINCT number) FROM invoicing.orb_invoice)::integer AS numbers,
       (SELECT last FROM invoicing.document_series WHERE kind = 'invoice')::integer AS last,
       (SELECT count(*) FROM invoicing.orb_subscription WHERE next_due_at = $2)::integer AS moved`,
    [TOTAL, new Date('2026-05-01T00:00:00Z')],
  );
  const expected = { issued: count, invoices: count, lines: count * LINES };
  const wanted = { ...expected, numbers: count, last: count, moved: count };
  if (JSON.stringify(rows[0]) !== JSON.stringify(wanted)) {
    throw new Error(`No figure: ${JSON.stringify(rows[0])} instead of ${JSON.stringify(wanted)}.`);
  }
}

async function runOnce(servers, isProfiling, say) {
  const { prisma, billing } = billingUnderTest(servers.roleUrl(DATABASE, 'invoicing'), {
    nowMs: ISSUE_MS,
  });
  try {
    await prisma.$queryRaw`SELECT 1`;
    const work = async () => {
      const startedMs = performance.now();
      const { status } = await billing.run.runDue(ACCOUNT, ISSUE_MS);
      if (status !== 'done') throw new Error(`No figure: the run ended ${status}.`);
      return (performance.now() - startedMs) / 1_000;
    };
    if (!isProfiling) return await work();
    const { result, text } = await profiled(work);
    say(text);
    return result;
  } finally {
    await prisma.$disconnect();
  }
}

export async function billingRunRow({ servers, options, say, note }) {
  const count = options.isQuick ? 1_000 : 10_000;
  say(`${count.toLocaleString('en-US')} subscriptions with ${LINES} prices each are put in`);
  await servers.copyDatabase(EMPTY, TEMPLATE);
  await withClient(servers.adminUrlOf(TEMPLATE), (client) => putSubscriptions(client, count));
  const rates = { ours: [], bare: [] };
  try {
    for (let round = 0; round < options.rounds; round++) {
      await servers.copyDatabase(TEMPLATE, DATABASE);
      await servers.checkpoint();
      const before = process.cpuUsage();
      const seconds = await runOnce(servers, options.isProfiling, say);
      const { user, system } = process.cpuUsage(before);
      rates.ours.push(count / seconds);
      const rows = await withClient(servers.adminUrlOf(DATABASE), async (client) => {
        await check(client, count);
        return readBatches(client);
      });
      await servers.copyDatabase(TEMPLATE, DATABASE);
      await servers.checkpoint();
      rates.bare.push(count / (await writeBare(servers.adminUrlOf(DATABASE), rows)));
      const each = short((user + system) / count);
      note(
        `billing-run: ${short(rates.ours.at(-1))} invoices/s, ${each} µs of our CPU each; ` +
          `bare ${short(rates.bare.at(-1))}/s`,
      );
    }
  } finally {
    await servers.dropDatabase(DATABASE);
    await servers.dropDatabase(TEMPLATE);
  }
  const [ours, baseline] = [median(rates.ours), median(rates.bare)];
  return row({
    ...{ id: 'billing-run', ours, baseline, ratio: ours / baseline },
    target: `≥ ${TARGET}, ≥ ${PER_SECOND} a second`,
    holds: ours / baseline >= TARGET && ours >= PER_SECOND,
    unit: 'invoices/s',
  });
}
