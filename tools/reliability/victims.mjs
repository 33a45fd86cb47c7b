/** What a reliability run kills, how, and how each comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { restartServer } from '../infra/infra.mjs';

/** In the order in which a posting group passes them; the last kill of a group is the first that nothing undoes. */
export const FAIL_POINTS = [
  'after_read',
  'after_claim',
  'before_commit',
  'after_commit',
  'after_settle',
  'after_publish',
  'before_offsets',
];

/** Of 100 kills that are not at a fail point; Kafka and PostgreSQL need longest to come back. */
const WEIGHTS = { 'wallet-ledger': 46, redis: 22, postgres: 18, kafka: 14 };
/** Of all kills, those at a fail point, shared evenly among them. */
const FAIL_POINT_SHARE = 0.35;

/** What is killed, in an order that the seed gives back: [{target, failPoint}]. */
export function planKills(count, random) {
  const atFailPoints = Math.round(count * FAIL_POINT_SHARE);
  const kills = Array.from({ length: atFailPoints }, (_, n) => ({
    target: 'wallet-ledger',
    failPoint: FAIL_POINTS[n % FAIL_POINTS.length],
  }));
  const rest = count - atFailPoints;
  const names = Object.keys(WEIGHTS);
  for (const name of names) {
    const share = Math.floor((rest * WEIGHTS[name]) / 100);
    for (let n = 0; n < share; n++) kills.push({ target: name, failPoint: null });
  }
  while (kills.length < count) kills.push({ target: names[0], failPoint: null });
  return random.shuffle(kills);
}

export class Victims {
  #isExpected = false;

  constructor({ home, handles, instance, random }) {
    this.home = home;
    this.instance = instance;
    this.random = random;
    this.handles = new Map(handles.map((handle) => [handle.name, handle]));
    /** Ends of the ledger that nobody asked for: it must outlive its stores. */
    this.unexpected = [];
    this.#watchLedger();
  }

  /** Kills, and resolves when the killed one answers again. */
  async kill({ target, failPoint }) {
    if (failPoint) return this.#killAt(failPoint);
    if (target === 'wallet-ledger') {
      this.#isExpected = true;
      await this.instance.kill();
      return this.#startLedger();
    }
    const handle = this.handles.get(target);
    process.kill(handle.pid, 'SIGKILL');
    await handle.exited;
    await this.#restart(target);
  }

  /** The ledger starts with the fail point in it and dies there by itself, under load. */
  async #killAt(failPoint) {
    this.#isExpected = true;
    await this.instance.stop();
    this.instance.spawn(`${failPoint}:${this.random.integer(1, 6)}`);
    const { signal } = await this.instance.exited;
    if (signal !== 'SIGKILL') throw new Error(`${failPoint}: it ended with ${signal}, not there`);
    await this.#startLedger();
  }

  async #startLedger() {
    // A store that was killed just before may still be on its way; the ledger starts without it and waits.
    for (let attempt = 1; ; attempt++) {
      try {
        await this.instance.start();
        this.#isExpected = false;
        return this.#watchLedger();
      } catch (error) {
        if (attempt === 5) throw error;
        await this.instance.stop();
      }
    }
  }

  /** As a supervisor does in production: what ends by itself is started again, but here it is also told. */
  #watchLedger() {
    void this.instance.exited.then(async (exit) => {
      if (this.#isExpected) return;
      this.unexpected.push(`${exit?.signal ?? `exit code ${exit?.code}`}`);
      await this.#startLedger().catch(() => undefined);
    });
  }

  /** The ledger is to end now. */
  async end() {
    this.#isExpected = true;
    await this.instance.stop();
  }

  /** PostgreSQL's children of the dead postmaster may hold its memory for a moment. */
  async #restart(name) {
    for (let attempt = 1; ; attempt++) {
      try {
        this.handles.set(name, await restartServer(this.home, name));
        return;
      } catch (error) {
        if (attempt === 20) throw error;
        await sleep(500);
      }
    }
  }
}
