import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IS_SECURED } from './paths.mjs';
import { restartServer } from '../infra/infra.mjs';
import { spawnRecorded, stopProcess, waitUntilReady } from '../infra/processes.mjs';
import { ROOT } from './paths.mjs';

/** Six services compiling their modules at once on a busy machine take minutes; a quiet one needs ten seconds. */
const READY_MS_MAX = 240_000;
const RESTART_MS_MIN = 500;
const RESTART_MS_MAX = 15_000;
/** A process that lived this long starts again at once. */
const STEADY_MS = 30_000;
/** Longer than a service takes to finish its batch. */
const STOP_GRACE_MS = 30_000;
const LOG_BYTES_MAX = 50 * 1024 * 1024;

/** Why it is not ready, in its own words; null when it is. */
export async function reasonOf(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    if (answer.ok) return null;
    const { reasons } = await answer.json();
    return reasons?.length > 0 ? reasons.map(explained).join('; ') : `it answers ${answer.status}`;
  } catch {
    return 'its process is loading';
  }
}

/** After a kill Kafka keeps the place of the dead member until its session is over. */
const explained = (reason) =>
  reason.startsWith('not a member of the consumer group')
    ? `${reason} (Kafka keeps the place of a killed one for ten seconds)`
    : reason;

/** Keeps the services of one stack running: a dead one is started again, with a growing pause. */
export class Supervisor {
  #stopping = false;

  constructor(home, say) {
    this.home = home;
    this.say = say;
  }

  /** Resolves when the service answers that it is ready; calls `onWait(name, what)` with the wait of a slow one. */
  async start(service, onWait = () => undefined) {
    await stopProcess(this.home, service.name, { graceMs: STOP_GRACE_MS });
    const log = path.join(this.home, 'logs', `${service.name}.log`);
    if (fs.existsSync(log) && fs.statSync(log).size > LOG_BYTES_MAX) fs.renameSync(log, `${log}.1`);
    const handle = this.#spawn(service);
    let reason = null;
    const isReady = async () => (reason = await reasonOf(service.readyUrl)) === null;
    await waitUntilReady(handle, isReady, READY_MS_MAX, () => onWait(service.name, reason));
    void this.#watch(service, handle);
  }

  /** Keeps a server of `startInfra` running. Its data is durable, so it starts where it was. */
  async watchServer(first) {
    let handle = first;
    for (;;) {
      const exit = await handle.exited;
      if (this.#stopping) return;
      this.say(
        `${handle.name} ended (${exit.signal ?? `exit code ${exit.code}`}); it starts again.`,
      );
      for (;;) {
        await sleep(RESTART_MS_MIN);
        if (this.#stopping) return;
        try {
          handle = await restartServer(this.home, handle.name, IS_SECURED);
          break;
        } catch (error) {
          this.say(`${handle.name} did not start: ${error.message}`);
        }
      }
    }
  }

  async stop(names) {
    this.#stopping = true;
    await Promise.all(
      names.map((name) => stopProcess(this.home, name, { graceMs: STOP_GRACE_MS })),
    );
  }

  #spawn({ name, folder, env }) {
    const marker = `--orbit-home=${this.home}`;
    return spawnRecorded({
      home: this.home,
      name,
      command: process.execPath,
      args: [
        '--enable-source-maps',
        // Batches live longer than the 16 MB that Node gives young objects; collecting them cost a sixth of a charge.
        '--max-semi-space-size=64',
        path.join(ROOT, folder, 'dist', 'main.js'),
        marker,
      ],
      marker,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TZ: 'UTC', ...env },
      cwd: ROOT,
    });
  }

  async #watch(service, first) {
    let handle = first;
    let pauseMs = RESTART_MS_MIN;
    for (;;) {
      const startedMs = Date.now();
      const exit = await handle.exited;
      if (this.#stopping) return;
      if (Date.now() - startedMs > STEADY_MS) pauseMs = RESTART_MS_MIN;
      const why = exit.error?.message ?? exit.signal ?? `exit code ${exit.code}`;
      this.say(
        `${service.name} ended (${why}); it starts again in ${pauseMs / 1_000} s. Log: ${handle.logFile}`,
      );
      await sleep(pauseMs);
      if (this.#stopping) return;
      pauseMs = Math.min(pauseMs * 2, RESTART_MS_MAX);
      handle = this.#spawn(service);
    }
  }
}
