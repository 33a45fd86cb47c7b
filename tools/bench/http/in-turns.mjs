/**
 * Two ways of the same work at the real gateway, in many short rounds by turns: charges by price beside charges by
 * amount, and authorizations with instruments beside a gateway without them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { watchCpu } from '../cpu.mjs';
import { median, quantile, row, short } from '../numbers.mjs';
import { startGateway } from '../processes.mjs';

const run = promisify(execFile);
const CONNECTIONS = 32;
const ROUNDS = 12;
const SECONDS = 2;
const BY_PRICE_MIN = 0.9;
const INSTRUMENTS_MAX = 1.03;
const BARE_MODULES = 3;
const CHARGES = '/api/v1/billing/charges';
const AUTHORIZATIONS = '/api/v1/billing/authorizations';
const AMOUNT = '","amount":"0.0075","currency":"USD","channel":"sms","quantity":1';
const METADATA = ',"metadata":{"country":"44","carrier":"orbit-mobile"}}';

async function load({ gateway, apiKey, path: route, head, tail, seconds }) {
  const settings = {
    ...{ port: Number(new URL(gateway.url).port), path: route, headers: { 'x-api-key': apiKey } },
    ...{ bodyHead: head, bodyTail: tail, connections: CONNECTIONS, seconds, warmSeconds: 0.5 },
  };
  const script = path.join(import.meta.dirname, 'load.mjs');
  const cpu = watchCpu({ server: gateway.pid });
  const env = { ...process.env, BENCH_LOAD: JSON.stringify(settings) };
  const { stdout } = await run(process.execPath, [script], { env });
  const result = JSON.parse(stdout);
  if (result.statuses['201'] !== result.sent)
    throw new Error(`No figure: ${route} answered ${JSON.stringify(result.statuses)}.`);
  return { rate: result.rate, cpuMicros: cpu(result.sent).server };
}

const spread = (values) => `${short(quantile(values, 0.25))}–${short(quantile(values, 0.75))}`;

/** Rounds of both by turns, each first as often as the other; the first of each warms it. */
async function inTurns(ways, options) {
  const found = ways.map(() => []);
  const rounds = options.isQuick ? 4 : ROUNDS;
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const way of order) {
      const head = `{"charge_id":"${ways[way].id}_${round}_${process.pid}_`;
      const result = await load({ ...ways[way], head, seconds: SECONDS });
      if (round > 0) found[way].push(result);
    }
  }
  return found.map((results) => ({
    rate: median(results.map(({ rate }) => rate)),
    cpu: median(results.map(({ cpuMicros }) => cpuMicros)),
    text: `${short(median(results.map(({ rate }) => rate)))}/s (half of the rounds ${spread(results.map(({ rate }) => rate))}), ${short(median(results.map(({ cpuMicros }) => cpuMicros)))} µs of CPU each (${spread(results.map(({ cpuMicros }) => cpuMicros))})`,
  }));
}

async function putPrice(url, apiKey) {
  const response = await fetch(`${url}/api/v1/billing/rate-card`, {
    ...{ method: 'PUT', redirect: 'error' },
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    body: JSON.stringify({
      prices: {
        sms: {
          ...{ currency: 'USD', channel: 'sms', model_type: 'unit' },
          unit_config: { unit_amount: '0.0075' },
        },
      },
    }),
  });
  if (!response.ok) throw new Error(`No price: ${await response.text()}`);
}

export async function byPriceRow({ gateway, apiKey, options, note }) {
  await putPrice(gateway.url, apiKey);
  const common = { gateway, apiKey, path: CHARGES };
  const [amount, price] = await inTurns(
    [
      { ...common, id: 'by_amount', tail: `${AMOUNT}${METADATA}` },
      { ...common, id: 'by_price', tail: `","price":"sms","quantity":1${METADATA}` },
    ],
    options,
  );
  note(`charges by amount: ${amount.text}; by price: ${price.text}`);
  const ratio = price.rate / amount.rate;
  return row({
    ...{ id: 'charge-by-price', ours: price.rate, baseline: amount.rate, ratio },
    ...{ target: `≥ ${BY_PRICE_MIN}`, holds: ratio >= BY_PRICE_MIN, unit: 'requests/s' },
  });
}

export async function instrumentsRow({ gateway, apiKey, stage, servers, options, note }) {
  const { prefix, database, ledger } = stage;
  const without = path.join(import.meta.dirname, 'without-instruments.mjs');
  const bare = await startGateway({
    ...{ servers, database, prefix, ledger, profileTo: null },
    ...{ name: 'gateway-bare', imports: [without] },
  });
  try {
    const said = fs.readFileSync(bare.logFile, 'utf8').match(/^bare: /gm) ?? [];
    if (said.length !== BARE_MODULES) throw new Error('No figure: the bare gateway is not bare.');
    const tail = `${AMOUNT},"ttl_seconds":600${METADATA}`;
    const common = { apiKey, path: AUTHORIZATIONS, tail };
    const [off, on] = await inTurns(
      [
        { ...common, id: 'bare', gateway: bare },
        { ...common, id: 'measured', gateway },
      ],
      options,
    );
    note(`instruments off: ${off.text}; on: ${on.text}`);
    const ratio = on.cpu / off.cpu;
    return row({
      ...{ id: 'http-instruments', ours: on.cpu, baseline: off.cpu, ratio },
      ...{
        target: `≤ ${INSTRUMENTS_MAX}`,
        holds: ratio <= INSTRUMENTS_MAX,
        unit: 'CPU µs/request',
      },
    });
  } finally {
    await bare.stop();
  }
}
