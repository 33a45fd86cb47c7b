import { ORB_OPERATIONS } from '@orbit/orb-api';

/** Operations on what no operation of the contract makes, and why the suite cannot see them answered. */
const OUT_OF_REACH = {
  'fetch-migration': 'a migration is made by no operation of the contract',
  'cancel-migration': 'a migration is made by no operation of the contract',
};

/**
 * Sums up a run for each operation: `built` when the server knows it, `good` when every answer fitted the contract
 * and every test that called it passed. `isGood` when that holds for all that are built and were called.
 */
export function summarize(outcomes, seen) {
  const failed = new Map(
    outcomes
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ test, reason }) => [test, reason]),
  );
  const operations = ORB_OPERATIONS.map(({ id }) => {
    const notes = seen.filter(({ operation }) => operation === id);
    const isBuilt = notes.some((note) => note.isBuilt);
    const faults = [...new Set(notes.flatMap((note) => note.faults))];
    const tests = new Set(notes.map(({ test }) => test));
    const bad = [...tests].filter((test) => failed.has(test));
    const isGood = isBuilt && faults.length === 0 && bad.length === 0;
    const passed = [...tests].find((test) => !failed.has(test)) ?? null;
    // What the client made of an answer that fits the contract.
    if (isBuilt && faults.length === 0)
      faults.push(...bad.slice(0, 2).map((test) => failed.get(test)));
    return { id, calls: notes.length, isBuilt, isGood, faults, failed: bad.length, passed };
  });
  const strays = seen.filter(({ operation }) => operation === null);
  const count = (outcome) => outcomes.filter((one) => one.outcome === outcome).length;
  const called = operations.filter(({ calls }) => calls > 0);
  const good = called.filter(({ isGood }) => isGood);
  const reachable = called.filter(({ id }) => !(id in OUT_OF_REACH));
  const faulty = reachable.filter(({ isBuilt, isGood }) => isBuilt && !isGood);
  return {
    operations,
    strays,
    isGood: faulty.length === 0 && strays.length === 0 && outcomes.length > 0,
    lines(isVerbose) {
      const lines = [];
      for (const { id, failed: tests, faults } of faulty) {
        lines.push(`✗ ${id}: ${tests} tests failed`);
        for (const fault of isVerbose ? faults : faults.slice(0, 2)) lines.push(`    ${fault}`);
      }
      for (const { faults } of strays) lines.push(`✗ ${faults.join('; ')}`);
      const missing = called.filter(({ isBuilt }) => !isBuilt).map(({ id }) => id);
      if (isVerbose && missing.length > 0) lines.push(`not built: ${missing.join(', ')}`);
      for (const [id, reason] of Object.entries(OUT_OF_REACH)) lines.push(`- ${id}: ${reason}`);
      lines.push(
        `${count('passed')} tests passed, ${count('failed')} failed, ${count('skipped')} skipped by the suite itself.`,
        `${good.length}/${operations.length} operations answered as the contract says; ${faulty.length} did not; ` +
          `${reachable.filter(({ isBuilt }) => !isBuilt).length} are not built; ${operations.length - called.length} were not called; ` +
          `${called.length - reachable.length} are out of reach.`,
      );
      return lines;
    },
  };
}
