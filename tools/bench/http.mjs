/** `POST /api/v1/billing/authorizations` through the real gateway, against a bare Fastify echo. */
import fs from 'node:fs';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { HotBalances } from '@orbit/spend';
import { cpuText, watchCpu } from './cpu.mjs';
import { freePorts } from '../infra/ports.mjs';
import { median, row, short } from './numbers.mjs';
import { OPERATOR_API_KEY, startGateway, startNode } from './processes.mjs';
import { describeProfile } from './profile.mjs';
import { AMOUNT_MICROS, CURRENCY } from './post/charges.mjs';
import { walletsStage } from './wallets.mjs';
import { byPriceRow, instrumentsRow } from './http/in-turns.mjs';
import { wants } from './options.mjs';

const run = promisify(execFile);
const CONNECTIONS = 64;
const ROUTE = '/api/v1/billing/authorizations';
const BODY_TAIL =
  '","amount":"0.0075","currency":"USD","channel":"sms","quantity":1,"ttl_seconds":600,' +
  '"metadata":{"country":"44","carrier":"orbit-mobile"}}';

async function load({ url, server, servers, apiKey, round, options }) {
  const settings = {
    port: Number(new URL(url).port),
    path: ROUTE,
    headers: { 'x-api-key': apiKey },
    bodyHead: `{"charge_id":"msg_${round}_`,
    bodyTail: BODY_TAIL,
    connections: CONNECTIONS,
    seconds: options.seconds,
    warmSeconds: 2,
  };
  const script = path.join(import.meta.dirname, 'http', 'load.mjs');
  const env = { ...process.env, BENCH_LOAD: JSON.stringify(settings) };
  const cpu = watchCpu({ server: server.pid, redis: servers.pids.redis });
  const { stdout } = await run(process.execPath, [script], { env });
  const result = JSON.parse(stdout);
  const load = (result.cpuMs * 1_000) / result.sent;
  return { ...result, cpuMicros: { ...cpu(result.sent), 'load generator': load } };
}

async function createOrganization(url) {
  const response = await fetch(`${url}/api/v1/operator/organizations`, {
    method: 'POST',
    redirect: 'error',
    headers: { 'x-api-key': OPERATOR_API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Benchmark', currency: CURRENCY }),
  });
  if (!response.ok) throw new Error(`No organization: ${await response.text()}`);
  const { data } = await response.json();
  return { organizationId: data.organization.id, apiKey: data.api_key.key };
}

function checkAnswers(name, { statuses, sent }, wanted) {
  if (statuses[wanted] !== sent) {
    throw new Error(`No figure: ${name} answered ${JSON.stringify(statuses)} to ${sent} requests.`);
  }
}

/** Every 201 is a hold of the right amount. */
async function checkHolds(servers, organizationId, count) {
  const redis = new Redis(servers.redisUrl);
  try {
    const { heldMicros } = await new HotBalances({ redis }).read(organizationId, CURRENCY);
    if (heldMicros !== BigInt(count) * AMOUNT_MICROS) {
      throw new Error(`No figure: ${heldMicros} micros are held for ${count} authorizations.`);
    }
  } finally {
    redis.disconnect();
  }
}

export async function runHttp({ servers, options, say, note }) {
  const stage = await walletsStage(servers, 'http');
  const { prefix, database, ledger } = stage;
  const profileTo = options.isProfiling ? path.join(servers.home, 'profiles', 'gateway') : null;
  if (profileTo) fs.mkdirSync(profileTo, { recursive: true });
  const gateway = await startGateway({ servers, database, prefix, ledger, profileTo });
  const [port] = await freePorts(1);
  const echo = await startNode({
    servers,
    name: 'echo',
    script: 'tools/bench/http/echo.mjs',
    env: { NODE_ENV: 'production', PORT: String(port) },
    readyUrl: `http://127.0.0.1:${port}/health/ready`,
  });
  const rates = { ours: [], echo: [] };
  const rows = [];
  try {
    const { organizationId, apiKey } = await createOrganization(gateway.url);
    await stage.fund([organizationId]);
    const turns = { gateway, apiKey, stage, servers, options, note };
    if (wants(options, 'http-authorizations')) {
      await echoRounds({ turns, organizationId, echo, echoUrl: `http://127.0.0.1:${port}`, rates });
    }
    // After the holds were counted: these hold and charge, too.
    if (wants(options, 'charge-by-price')) rows.push(await byPriceRow(turns));
    if (wants(options, 'http-instruments')) rows.push(await instrumentsRow(turns));
  } finally {
    await Promise.all([gateway.stop(), echo.stop()]);
    await stage.stop();
  }
  if (profileTo) say(describeProfile(profileTo));
  if (rates.ours.length === 0) return rows;
  const [ours, baseline] = [median(rates.ours), median(rates.echo)];
  const ratio = ours / baseline;
  const holds = ratio >= 0.4;
  const unit = 'requests/s';
  const id = 'http-authorizations';
  return [row({ id, ours, baseline, ratio, target: '≥ 0.4', holds, unit }), ...rows];
}

async function echoRounds({ turns, organizationId, echo, echoUrl, rates }) {
  const { gateway, apiKey, servers, options, note } = turns;
  let held = 0;
  for (let round = 1; round <= options.rounds; round++) {
    const bare = await load({ url: echoUrl, server: echo, servers, apiKey, round, options });
    checkAnswers('the echo', bare, 200);
    const ours = await load({
      url: gateway.url,
      server: gateway,
      servers,
      apiKey,
      round,
      options,
    });
    checkAnswers('the gateway', ours, 201);
    held += ours.sent;
    rates.echo.push(bare.rate);
    rates.ours.push(ours.rate);
    for (const [name, result] of Object.entries({ ours, echo: bare })) {
      note(
        `http, ${name}: ${short(result.rate)}/s, p50 ${short(result.p50)} ms, p99 ${short(result.p99)} ms ` +
          `; CPU in µs per request: ${cpuText(result.cpuMicros)}`,
      );
    }
  }
  await checkHolds(servers, organizationId, held);
}
