import fs from 'node:fs';
import net from 'node:net';

const HOST = '127.0.0.1';

/** True when nothing listens on the port of the loopback interface (or of all interfaces). */
export function isPortFree(port, host = HOST) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** `count` different free ports; all are held open until the last is known, so none repeats. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = net.createServer();
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port: 0, host: HOST }, () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
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
