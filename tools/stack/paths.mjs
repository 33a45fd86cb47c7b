import path from 'node:path';
import { SetupError } from '../infra/setup-error.mjs';

export const ROOT = path.join(import.meta.dirname, '..', '..');

/** Where this stack keeps everything it writes: ORBIT_HOME, or .orbit in the checkout. */
export const HOME = path.resolve(ROOT, process.env.ORBIT_HOME || '.orbit');

/** The port of the public API. */
export const PORT = Number(process.env.ORBIT_PORT || 3000);

/** Says what is wrong with ORBIT_PORT before anything is started. */
export function checkPort() {
  if (Number.isInteger(PORT) && PORT > 0 && PORT < 65_536) return;
  throw new SetupError(
    `ORBIT_PORT is "${process.env.ORBIT_PORT}"; it takes a number from 1 to 65535.`,
  );
}

export const DEV_FILE = path.join(HOME, 'dev.json');
