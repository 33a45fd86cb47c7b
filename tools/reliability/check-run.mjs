/** The facts that a reliability run is judged by, each with what denies it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import { ROOT } from '../stack/paths.mjs';
import { checkHotBalances, checkOutcomes } from './outcomes.mjs';

const AUDIT = path.join(ROOT, 'apps/wallet-ledger/dist/books/adapters/ledger-audit.js');
const EXAMPLES_MAX = 5;

export async function checkRun({ ledger, load, holdLifeMs }) {
  const { accepted, organizations, redis } = load;
  const outcomes = await checkOutcomes(ledger, accepted, load.attempted);
  const facts = Object.entries(outcomes.facts).map(([fact, ids]) => toFact(`no ${fact}`, ids));
  facts.push(toFact('every top-up is booked once', await wrongTopUps(ledger, load.toppedUp)));
  facts.push(
    toFact('every lease is closed and nothing is set aside', await openEscrows(ledger, holdLifeMs)),
  );
  const hot = await untilEmpty(
    () => checkHotBalances(ledger, load.address, redis, organizations),
    holdLifeMs,
  );
  facts.push(
    toFact(
      'Redis says what the books say',
      hot.map(({ organizationId, state }) => `${organizationId}:${state}`),
    ),
  );
  facts.push(
    toFact('no hold is left in Redis', await untilEmpty(() => heldWallets(load), holdLifeMs)),
  );
  facts.push(toFact('no dead letters', await deadLetters(ledger)));
  const { auditLedger } = await import(pathToFileURL(AUDIT).href);
  for (const { fact, violations } of await auditLedger(ledger.pool)) {
    facts.push({ fact, violations, examples: '' });
  }
  const { posted, rejected } = outcomes;
  return { facts, accepted: accepted.size, posted, rejected };
}

const toFact = (fact, ids) => ({
  fact,
  violations: ids.length,
  examples: ids.slice(0, EXAMPLES_MAX).join(' '),
});

/** Holds that expire by themselves get their time; a hold that is left then is a finding. */
async function untilEmpty(read, timeoutMs) {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await read();
    if (found.length === 0 || performance.now() > deadlineMs) return found;
    await sleep(500);
  }
}

async function wrongTopUps({ pool }, toppedUp) {
  const { rows } = await pool.query(
    `SELECT substr(reference, 7) AS id, sum(amount_micros)::text AS amount FROM wallet_ledger.entry
     WHERE reference LIKE 'topup:%' GROUP BY 1`,
  );
  const booked = new Map(rows.map(({ id, amount }) => [id, BigInt(amount)]));
  const wrong = [...toppedUp].filter(([id, amount]) => booked.get(id) !== amount);
  return [...wrong.map(([id]) => id), ...[...booked.keys()].filter((id) => !toppedUp.has(id))];
}

const openEscrows = ({ pool }, timeoutMs) =>
  untilEmpty(async () => {
    const { rows } = await pool.query(
      "SELECT escrow_id FROM wallet_ledger.escrow WHERE state <> 'closed'",
    );
    return rows.map((row) => row.escrow_id);
  }, timeoutMs);

async function heldWallets({ redis, organizations }) {
  const { HotBalances } = await import('@orbit/spend');
  const hotBalances = new HotBalances({ redis });
  const held = [];
  for (const id of organizations) {
    const hot = await hotBalances.read(id, 'USD');
    if (hot !== null && hot.heldMicros !== 0n) held.push(`${id}:${hot.heldMicros}`);
  }
  return held;
}

async function deadLetters({ admin, topicPrefix }) {
  const found = [];
  for (const topic of await admin.listTopics()) {
    if (!topic.startsWith(topicPrefix) || !topic.endsWith('.dlq')) continue;
    for (const { high } of await admin.fetchTopicOffsets(topic)) {
      for (let n = 0; n < Number(high); n++) found.push(`${topic}:${n}`);
    }
  }
  return found;
}
