import { setImmediate } from 'node:timers/promises';

/** Resolves when everything that is ready now has run: answers that came, and what waited for them. */
export const nextTurn = (): Promise<void> => setImmediate();
