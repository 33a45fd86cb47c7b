/**
 * The load generator, a process of its own and the same for both sides: keep-alive connections, one
 * request under way on each, over bare sockets, so that it costs as little as it can. Prints one line
 * of JSON: how many were answered in how long, and with which status codes.
 */
import net from 'node:net';

const { port, path, headers, bodyHead, bodyTail, connections, seconds, warmSeconds } = JSON.parse(
  process.env.BENCH_LOAD,
);

const ID_LENGTH = 10;
/** An answer that takes longer counts as missing. */
const LATE_MS = 10_000;
const bodyLength = Buffer.byteLength(bodyHead) + ID_LENGTH + Buffer.byteLength(bodyTail);
const head =
  `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json\r\n` +
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('') +
  `content-length: ${bodyLength}\r\n\r\n${bodyHead}`;

let count = 0;
let measuredFrom = 0;
let measured = 0;
let measuredMs = 0;
let isOver = false;
let ended = 0;
let cpuMs = 0;
const statuses = {};
const latencies = [];

/** Each request carries a charge id of its own. */
const nextRequest = () => `${head}${String(count++).padStart(ID_LENGTH, '0')}${bodyTail}`;

function connect() {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  let text = '';
  let sentMs = 0;
  const send = () => {
    if (isOver) {
      socket.end();
      ended += 1;
      if (ended === connections) report();
      return;
    }
    sentMs = performance.now();
    socket.write(nextRequest(), 'latin1');
  };
  socket.setEncoding('latin1');
  socket.on('connect', send);
  socket.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  socket.on('data', (chunk) => {
    text += chunk;
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const at = text.toLowerCase().indexOf('content-length: ');
    const length = Number.parseInt(text.slice(at + 16, at + 28), 10);
    if (text.length < end + 4 + length) return;
    const status = text.slice(9, 12);
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (measuredFrom > 0 && !isOver) {
      measured += 1;
      latencies.push(performance.now() - sentMs);
    }
    text = '';
    send();
  });
}

/** Once over, every connection takes the answer it waits for and ends; the last one reports. */
function report() {
  latencies.sort((one, other) => one - other);
  const at = (share) => latencies[Math.floor(share * (latencies.length - 1))];
  const result = { rate: (measured / measuredMs) * 1_000, sent: count, statuses };
  console.log(JSON.stringify({ ...result, p50: at(0.5), p99: at(0.99), cpuMs }));
  process.exit(0);
}

for (let index = 0; index < connections; index++) connect();
setTimeout(() => {
  measuredFrom = performance.now();
}, warmSeconds * 1_000);
setTimeout(
  () => {
    measuredMs = performance.now() - measuredFrom;
    isOver = true;
    const { user, system } = process.cpuUsage();
    cpuMs = (user + system) / 1_000;
    setTimeout(report, LATE_MS);
  },
  (warmSeconds + seconds) * 1_000,
);
