/**
 * The ledger's side of a billing run in a process of its own: answers draws over HTTP, from its own database, and
 * dies at its fail point. argv: a JSON of {databaseUrl, nowMs, failPoint}; failPoint: {query} (the n-th statement of
 * a draw has been answered), {answer: true} (a draw is booked and nobody got the answer), or null. Writes its port to
 * stdout.
 */
import { CREDIT_DRAWS_RPC } from '@orbit/contracts';
import { onRealTime } from '@orbit/kernel';
import http from 'node:http';
import pg from 'pg';
import { CreditDrawsController } from '../../../apps/wallet-ledger/dist/credits/adapters/credit-draws.controller.js';
import { PostgresBlockReader } from '../../../apps/wallet-ledger/dist/blocks/adapters/postgres-block-reader.js';
import { PostgresLedgerStore } from '../../../apps/wallet-ledger/dist/books/adapters/postgres-ledger-store.js';
import { ChangeWallet } from '../../../apps/wallet-ledger/dist/books/application/change-wallet.js';
import { PostBatch } from '../../../apps/wallet-ledger/dist/books/application/post-batch.js';
import { creditServices } from '../../../apps/wallet-ledger/dist/credits/credits.module.js';
import { LEDGER_RULES } from '../../../apps/wallet-ledger/dist/ledger-rules.js';
import { PostgresWalletReader } from '../../../apps/wallet-ledger/dist/wallets/adapters/postgres-wallet-reader.js';

const { databaseUrl, nowMs, failPoint } = JSON.parse(process.argv[2]);
const die = () => process.kill(process.pid, 'SIGKILL');

let statements = 0;
let isDrawing = false;
const query = pg.Client.prototype.query;
pg.Client.prototype.query = function counted(...args) {
  const answer = query.apply(this, args);
  if (!isDrawing || failPoint?.query === undefined || !(answer instanceof Promise)) return answer;
  return answer.then((rows) => {
    if (++statements === failPoint.query) die();
    return rows;
  });
};

const pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
const clock = { nowMs: () => nowMs };
const none = { publish: () => Promise.resolve(), send: () => Promise.resolve() };
/** There is no Redis: nothing is held, and posted balances go nowhere. */
const hot = { claim: () => Promise.resolve([]), confirm: () => Promise.resolve() };
const loads = {
  permit: () => Promise.resolve({ epoch: '', nonce: '' }),
  load: () => Promise.resolve(true),
};
const store = new PostgresLedgerStore(pool);
const postBatch = new PostBatch(store, hot, none, none, clock, LEDGER_RULES);
const changeWallet = new ChangeWallet(postBatch, new PostgresWalletReader(pool), loads, clock);
const services = creditServices(
  ...[pool, changeWallet, new PostgresBlockReader(pool), clock, onRealTime(clock)],
);
const controller = new CreditDrawsController(services.draws, services.pending);
const nameOf = Object.fromEntries(Object.entries(CREDIT_DRAWS_RPC).map(([name, of]) => [of, name]));

async function answer({ pattern, request }) {
  const name = nameOf[pattern];
  isDrawing = name === 'draw';
  const said = await controller[name](request);
  if (isDrawing && failPoint?.answer === true) die();
  isDrawing = false;
  return said;
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    answer(JSON.parse(Buffer.concat(parts).toString())).then(
      (said) => response.end(JSON.stringify(said)),
      (error) => response.writeHead(500).end(String(error)),
    );
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
