import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');

/** Where this stack keeps everything it writes: ORBIT_HOME, or .orbit in the checkout. */
export const HOME = path.resolve(ROOT, process.env.ORBIT_HOME ?? '.orbit');

/** The port of the public API. */
export const PORT = Number(process.env.ORBIT_PORT ?? 3000);

export const DEV_FILE = path.join(HOME, 'dev.json');
