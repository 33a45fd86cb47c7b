/** CPU time by process, from /proc; zeros where there is none. */
import fs from 'node:fs';

const TICK_MS = 10;

function statOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, in brackets, may hold spaces; the rest is counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [user, system, userOfDead, systemOfDead] = fields.slice(11, 15).map(Number);
    return {
      parent: Number(fields[1]),
      ownMs: (user + system) * TICK_MS,
      deadMs: (userOfDead + systemOfDead) * TICK_MS,
    };
  } catch {
    return { parent: 0, ownMs: 0, deadMs: 0 };
  }
}

/** CPU time of one process so far, user and system, in ms. */
export const cpuMsOf = (pid) => statOf(pid).ownMs;

/** The same of a process with all of its children, dead ones too: PostgreSQL has one per connection. */
function cpuMsOfFamily(pid) {
  const { ownMs, deadMs } = statOf(pid);
  let names = [];
  try {
    names = fs.readdirSync('/proc');
  } catch {
    // No /proc: nothing to add.
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(statOf)
    .filter(({ parent }) => parent === pid)
    .reduce((total, child) => total + child.ownMs + child.deadMs, ownMs + deadMs);
}

/** Takes the time of each server from now on; the answer gives microseconds per piece of work. */
export function watchCpu(pids) {
  const take = () =>
    Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMsOfFamily(pid)]));
  const before = take();
  return (pieces) => {
    const after = take();
    return Object.fromEntries(
      Object.keys(pids).map((name) => [name, ((after[name] - before[name]) * 1_000) / pieces]),
    );
  };
}

/** "wallet-ledger 40, postgres 25, …": microseconds per piece of work. */
export const cpuText = (micros) =>
  Object.entries(micros)
    .map(([name, value]) => `${name} ${Math.round(value)}`)
    .join(', ');

/** Time of all cores so far, and how much of it the host gave to others; null where there is no /proc. */
function machineTicks() {
  try {
    const [first = ''] = fs.readFileSync('/proc/stat', 'utf8').split('\n');
    const ticks = first.split(/ +/).slice(1, 9).map(Number);
    return { all: ticks.reduce((sum, one) => sum + one, 0), stolen: ticks[7] ?? 0 };
  } catch {
    return null;
  }
}

/**
 * Returns a function that gives the share of the machine's time that its host took away since now; null where nobody
 * says.
 */
export function watchStolen() {
  const before = machineTicks();
  return () => {
    const after = machineTicks();
    return before && after ? (after.stolen - before.stolen) / (after.all - before.all) : null;
  };
}
