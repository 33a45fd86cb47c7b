import path from 'node:path';
import { SetupError } from '../infra/setup-error.mjs';

export const ROOT = path.join(import.meta.dirname, '..', '..');

/** Where this stack keeps everything it writes: ORBIT_HOME, or .orbit in the checkout. */
export const HOME = path.resolve(ROOT, process.env.ORBIT_HOME || '.orbit');

/** Whether the servers of the stack demand TLS and a login, as in production. */
export const IS_SECURED = process.env.ORBIT_SECURED === 'on';

/** The port of the public API. */
export const PORT = Number(process.env.ORBIT_PORT || 3000);

/** Says what is wrong with ORBIT_PORT before anything is started. */
export function checkPort() {
  if (Number.isInteger(PORT) && PORT > 0 && PORT < 65_536) return;
  throw new SetupError(
    `ORBIT_PORT is "${process.env.ORBIT_PORT}"; it takes a number from 1 to 65535.`,
  );
}

/** PostgreSQL cuts paths at 1,024 bytes, and ours go on below the home. */
const HOME_BYTES_MAX = 900;

/** Refuses a folder that no server could use, before anything is made in it. */
export function checkHome(home = HOME) {
  const bytes = Buffer.byteLength(home);
  if (bytes > HOME_BYTES_MAX) {
    throw new SetupError(`ORBIT_HOME has ${bytes} bytes; ${HOME_BYTES_MAX} are the most.`);
  }
  if (!/[\u0000-\u001f\u007f]/.test(home)) return;
  throw new SetupError('ORBIT_HOME has a line break or another control character: choose another.');
}

export const DEV_FILE = path.join(HOME, 'dev.json');
