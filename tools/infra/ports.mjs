import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const HOST = '127.0.0.1';
/** Below what Linux (32768) and macOS (49152) take for connections; above what services usually have. */
const PORT_MIN = 12_000;
const PORT_COUNT = 20_000;
/** An empty file for each port that was given to somebody. */
const CLAIMS = path.join(os.tmpdir(), `orbit-ports-${os.userInfo().uid}`);
const CLAIM_MS = 10 * 60_000;

/** True when nothing listens on the port of the loopback interface (or of all interfaces). */
export function isPortFree(port, host = HOST) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * `count` different free ports. A stack that starts takes its own half a minute later, so no other process of this
 * account is given the same in the meantime; and none is of those that the system gives to connections by itself.
 */
export async function freePorts(count) {
  const ports = [];
  while (ports.length < count) {
    const port = PORT_MIN + randomInt(PORT_COUNT);
    if (claim(port) && (await isPortFree(port))) ports.push(port);
  }
  return ports;
}

/** False when another has been given this port within the last ten minutes. */
function claim(port) {
  fs.mkdirSync(CLAIMS, { recursive: true });
  const file = path.join(CLAIMS, String(port));
  try {
    fs.writeFileSync(file, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const now = Date.now();
    if (now - fs.statSync(file).mtimeMs < CLAIM_MS) return false;
    fs.utimesSync(file, now / 1_000, now / 1_000);
    return true;
  }
}

/** True when something accepts a connection on the port. */
export function isListening(port, host = HOST) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host });
    const finish = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => finish(true));
    socket.once('error', () => finish(false));
    socket.setTimeout(1_000, () => finish(false));
  });
}

/**
 * A port for each name: that of the last start, remembered in `file`, where it is still free, so
 * that addresses stay the same (a checkout page that is open survives a restart).
 */
export async function keptPorts(file, names) {
  let known = null;
  try {
    known = JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    // First start, or a half-written file: new ports.
  }
  const isPort = ([, port]) => Number.isInteger(port) && port > 0 && port < 65_536;
  const ports = Object.fromEntries(Object.entries(known ?? {}).filter(isPort));
  const fresh = await freePorts(names.length);
  for (const [index, name] of names.entries()) {
    if (!ports[name] || !(await isPortFree(ports[name]))) ports[name] = fresh[index];
  }
  fs.writeFileSync(`${file}.tmp`, JSON.stringify(ports));
  fs.renameSync(`${file}.tmp`, file);
  return ports;
}
