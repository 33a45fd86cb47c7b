import os from 'node:os';

const row = (cells) => `| ${cells.join(' | ')} |`;
export const tableOf = (rows) => {
  const names = Object.keys(rows[0] ?? {});
  return [names, names.map(() => '---'), ...rows.map((one) => names.map((name) => one[name]))]
    .map(row)
    .join('\n');
};

const seconds = (ms) => (ms === undefined ? '–' : (ms / 1_000).toFixed(1));

/** One row for each thing that was killed, and how long the ledger needed to book again. */
export function summarize(kills) {
  const groups = new Map();
  for (const kill of kills) {
    const killed = `${kill.target}, ${kill.failPoint ?? 'at random'}`;
    groups.set(killed, [...(groups.get(killed) ?? []), kill.bookedMs]);
  }
  return [...groups]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([killed, all]) => {
      const sorted = all.filter((ms) => ms !== null).sort((a, b) => a - b);
      return {
        killed,
        times: all.length,
        'median s to next booking': seconds(sorted[sorted.length >> 1]),
        'longest s': seconds(sorted.at(-1)),
      };
    });
}

const refusalsOf = ({ refused }) =>
  Object.entries(refused)
    .map(([reason, count]) => `${count} ${reason}`)
    .join(', ') || 'no';

/** docs/reliability.md: what was killed, when, and what came out. */
export function toReport(result) {
  const { seed, planned, killed, loadSeconds, wallets, workers, load } = result;
  const { accepted, posted, rejected, facts, kills, commit } = result;
  const bad = facts.filter(({ violations }) => violations > 0);
  return `# Reliability

Written by \`npm run reliability\` (\`tools/reliability/run.mjs\`) after its last full run. Do not edit.

wallet-ledger, Redis, Kafka and PostgreSQL were ended with \`kill -9\` ${killed} times (${planned} were planned) in ${(loadSeconds / 60).toFixed(1)} minutes under load, each
at a random moment, and wallet-ledger also exactly at each commit point. **${bad.length === 0 ? 'Every fact below held.' : `${bad.length} facts did not hold.`}**

Repeat it: \`npm run reliability -- --kills ${planned} --seed ${seed}\`. Code: ${commit}. Machine: ${os.cpus().length} cores, ${(os.totalmem() / 2 ** 30).toFixed(0)} GiB, Node ${process.versions.node}, everything on it at once.
PostgreSQL with fsync, Kafka with \`acks=all\` (one broker), Redis with an append-only file (\`everysec\`). ${wallets} wallets, ${workers} senders.

## What was killed

A place names the last thing that a posting group had done: \`after_commit\` died with the books written and nothing sent to Redis or Kafka.
"Next booking" counts from the kill until the ledger had booked something again: the process started, joined its group (the session of the dead member lasts 2 s here) and caught up, on a machine that also bears the load.
A kill of wallet-ledger at random is followed by one at a fail point as soon as it is back, so its time is in that row.

${tableOf(kills)}

## What came out

${accepted} charges were accepted (${load.raw} without a hold, ${load.captured} captured holds, ${load.leased} from leases): ${posted} posted, ${rejected} rejected. ${load.released} holds were
released, ${refusalsOf(load)} authorizations refused, ${load.topups} top-ups booked, ${load.repeats} charges sent twice on purpose.

${tableOf(facts.map(({ fact, violations, examples }) => ({ fact, violations, examples: examples || '–' })))}

An outcome may be published more than once, always the same, with the same id; see the README of wallet-ledger. What is accepted but not answered is repeated
by its sender with the same id, as every client of ours does.

Two instances in one group, one killed and one frozen under load: \`tools/reliability/two-instances.itest.ts\`.
`;
}
