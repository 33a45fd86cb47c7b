/** Where the time of a process went, from what `node --cpu-prof` wrote. */
import fs from 'node:fs';
import inspector from 'node:inspector/promises';
import path from 'node:path';

const TOP = 40;

function selfTimes({ nodes, samples, timeDeltas }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const times = new Map();
  for (const [index, id] of samples.entries()) {
    const { functionName, url, lineNumber } = byId.get(id).callFrame;
    const where = url.replace(/^.*\/(node_modules|apps|libs|tools)\//, '$1/');
    const name = `${functionName || '(anonymous)'}  ${where}${where ? `:${lineNumber + 1}` : ''}`;
    times.set(name, (times.get(name) ?? 0) + timeDeltas[index]);
  }
  return times;
}

/** The functions with the largest self time of the newest profile in the folder, as text. */
export function describeProfile(folder) {
  const files = fs.readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (files.length === 0) return 'no profile was written';
  const times = files
    .map((name) => selfTimes(JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'))))
    .reduce((largest, one) => (sum(one) > sum(largest) ? one : largest));
  return describe(times);
}

/** Runs `work` of this very process under the profiler; answers its result and the text. */
export async function profiled(work) {
  const session = new inspector.Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  const result = await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return { result, text: describe(selfTimes(profile)) };
}

function describe(times) {
  const total = sum(times);
  const idle = [...times]
    .filter(([name]) => name.startsWith('(idle)'))
    .reduce((s, [, t]) => s + t, 0);
  const busy = total - idle;
  const lines = [...times]
    .filter(([name]) => !name.startsWith('(idle)'))
    .sort((one, other) => other[1] - one[1])
    .slice(0, TOP)
    .map(([name, time]) => `  ${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`);
  const busyShare = ((busy / total) * 100).toFixed(0);
  return [
    `busy ${busyShare} % of ${(total / 1e6).toFixed(1)} s; self time of what it did:`,
    ...lines,
  ].join('\n');
}

const sum = (times) => [...times.values()].reduce((total, time) => total + time, 0);
