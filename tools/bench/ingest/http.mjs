/** `POST /v1/ingest` with 100 events, against kafkajs that sends the messages which come of it. */
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import kafkajs from 'kafkajs';
import { cpuText, watchCpu } from '../cpu.mjs';
import { median, row, short } from '../numbers.mjs';
import { OPERATOR_API_KEY, startGateway } from '../processes.mjs';
import { topicEnds, totalOf } from '../post/progress.mjs';
import { walletsStage } from '../wallets.mjs';

const run = promisify(execFile);
const FOLDER = import.meta.dirname;
const CONNECTIONS = 16;
const EVENTS = 100;
const RATIO_MIN = 0.5;
const PAD = 10;

/** Everything of the body but the number in the first event's key. */
function body() {
  const timestamp = new Date().toISOString();
  const event = (idempotency_key) => ({
    idempotency_key,
    event_name: 'call',
    external_customer_id: 'bench-customer',
    timestamp,
    properties: { seconds: 60, country: '44', carrier: 'orbit-mobile' },
  });
  const events = Array.from({ length: EVENTS }, (_, n) => event(n === 0 ? '@' : `call_${n}`));
  return JSON.stringify({ events }).split('@');
}

async function liveKey(url) {
  const headers = { 'x-api-key': OPERATOR_API_KEY };
  const path = '/api/v1/operator/accounts/acct_live/rotate-key';
  const response = await fetch(url + path, { method: 'POST', redirect: 'error', headers });
  const { data } = await response.json();
  if (!data?.api_key) throw new Error(`No key of the live account: ${response.status}`);
  return data.api_key;
}

async function script(name, variable, settings) {
  const env = { ...process.env, [variable]: JSON.stringify(settings) };
  const { stdout } = await run(process.execPath, [path.join(FOLDER, name)], { env });
  return JSON.parse(stdout);
}

/** The last message of the topic: what one request became. */
async function oneMessage(servers, topic) {
  const kafka = new kafkajs.Kafka({ brokers: servers.brokers, logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bench-${process.pid}-one` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  try {
    return await new Promise((resolve, reject) => {
      consumer.run({ eachMessage: async ({ message }) => resolve(message) }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

const messagesIn = async (servers, topic) => totalOf(await topicEnds(servers, topic));

export async function ingestHttpRow({ servers, options, note }) {
  const stage = await walletsStage(servers, 'ingest');
  const { prefix, database, ledger } = stage;
  const topic = `${prefix}usage.ingested`;
  const gateway = await startGateway({ servers, database, prefix, ledger, profileTo: null });
  const rates = { ours: [], kafkajs: [] };
  try {
    const apiKey = await liveKey(gateway.url);
    const [bodyHead, bodyTail] = body();
    const load = (seconds, round) =>
      script('../http/load.mjs', 'BENCH_LOAD', {
        port: Number(new URL(gateway.url).port),
        path: '/v1/ingest',
        headers: { authorization: `Bearer ${apiKey}` },
        ...{ bodyHead: `${bodyHead}r${round}_`, bodyTail, connections: CONNECTIONS, seconds },
        warmSeconds: 1,
      });
    await load(1, 0);
    const message = await oneMessage(servers, topic);
    const headers = Object.fromEntries(
      Object.entries(message.headers).map(([name, value]) => [name, String(value)]),
    );
    note(
      `one request of ${EVENTS} events: ${bodyHead.length + PAD + bodyTail.length} bytes in, ${message.value.length} bytes on Kafka`,
    );
    for (let round = 1; round <= options.rounds; round++) {
      const bare = await script('produce.mjs', 'BENCH_PRODUCE', {
        ...{ brokers: servers.brokers, topic, senders: CONNECTIONS, seconds: options.seconds },
        ...{ key: String(message.key), value: String(message.value), headers, warmSeconds: 1 },
      });
      const before = await messagesIn(servers, topic);
      const cpu = watchCpu({ server: gateway.pid });
      const ours = await load(options.seconds, round);
      const used = cpu(ours.sent);
      if (ours.statuses['200'] !== ours.sent)
        throw new Error(`No figure: /v1/ingest answered ${JSON.stringify(ours.statuses)}.`);
      const kept = (await messagesIn(servers, topic)) - before;
      if (kept !== ours.sent)
        throw new Error(`No figure: ${kept} messages of ${ours.sent} requests.`);
      rates.ours.push(ours.rate * EVENTS);
      rates.kafkajs.push(bare.rate * EVENTS);
      note(
        `ingest over HTTP: ${short(ours.rate * EVENTS)} events/s, p50 ${short(ours.p50)} ms, p99 ${short(ours.p99)} ms` +
          `; kafkajs ${short(bare.rate * EVENTS)}; CPU in µs per request: ${cpuText(used)}`,
      );
    }
  } finally {
    await gateway.stop();
    await stage.stop();
  }
  const [ours, baseline] = [median(rates.ours), median(rates.kafkajs)];
  const ratio = ours / baseline;
  return row({
    ...{ id: 'ingest-http', ours, baseline, ratio, target: `≥ ${RATIO_MIN}` },
    ...{ holds: ratio >= RATIO_MIN, unit: 'events/s' },
  });
}
