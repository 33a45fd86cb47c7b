/** The victims of a reliability run, how each is killed, and how it comes back. */
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

/** Of 100 kills; Kafka and PostgreSQL need longest to come back. The rest are pairs of kills of the ledger. */
const STORES = { redis: 12, postgres: 10, kafka: 8 };

/**
 * The plan of kills, in an order that the seed gives back: [{target, failPoint}]. Every other kill of the ledger is
 * at a fail point, and follows one at random: the process that comes back carries the fail point.
 */
export function planKills(count, random) {
  const plan = [];
  for (const [target, share] of Object.entries(STORES)) {
    for (let n = 0; n < Math.floor((count * share) / 100); n++) {
      plan.push([{ target, failPoint: null }]);
    }
  }
  const pairs = Math.floor((count - plan.length) / 2);
  const ledger = { target: 'wallet-ledger', failPoint: null };
  if ((count - plan.length) % 2 === 1) plan.push([ledger]);
  for (let n = 0; n < pairs; n++) {
    plan.push([ledger, { ...ledger, failPoint: FAIL_POINTS[n % FAIL_POINTS.length] }]);
  }
  return random.shuffle(plan);
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

  /** Kills one after the other, and resolves when the last one answers again. */
  async kill([first, atFailPoint]) {
    if (first.target !== 'wallet-ledger') return this.#killStore(first.target);
    this.#isExpected = true;
    await this.instance.kill();
    if (atFailPoint) await this.#dieAt(atFailPoint.failPoint);
    await this.#startLedger();
  }

  /** The ledger starts with the fail point in it and dies there by itself, under load. */
  async #dieAt(failPoint) {
    this.instance.spawn(`${failPoint}:${this.random.integer(1, 6)}`);
    const { signal } = await this.instance.exited;
    if (signal !== 'SIGKILL') throw new Error(`${failPoint}: it ended with ${signal}, not there`);
  }

  async #killStore(target) {
    const handle = this.handles.get(target);
    process.kill(handle.pid, 'SIGKILL');
    await handle.exited;
    await this.#restart(target);
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

  /**
   * Works as a supervisor does in production: a process that ends by itself is started again, but here it also gets
   * its options.
   */
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
