/**
 * `npm run orbit -- …`: what an operator or a developer does from a terminal; --help says all.
 * Talks to the stack that `.orbit/dev.json` (or ORBIT_HOME) names, or that the environment names.
 * Results go to stdout (--json for programs: also a fault that left no result), progress and faults to stderr.
 * Ends with 0, 1 (a finding or a refusal), 2 (wrong usage) or 130 (interrupted).
 */
import { setUpAndBuild } from './setup/set-up-and-build.mjs';

// `orbit … | head` has read enough: that is an end, not a fault.
process.stdout.on('error', (error) => {
  if (error.code === 'EPIPE') process.exit();
  throw error;
});
await setUpAndBuild();
const { runOrbit } = await import('./orbit/program.mjs');
process.exitCode = await runOrbit(process.argv.slice(2));
