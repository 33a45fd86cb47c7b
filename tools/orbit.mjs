/**
 * `npm run orbit -- …`: what an operator or a developer does from a terminal; --help says all. The program is apps/cli.
 * Talks to the stack that `.orbit/dev.json` (or ORBIT_HOME) names, or that the environment names.
 * Results go to stdout (--json for programs: also a fault that left no result), progress and faults to stderr.
 * Ends with 0, 1 (a finding or a refusal), 2 (wrong usage) or 130 (interrupted).
 */
import { setUpAndBuild } from './setup/set-up-and-build.mjs';

await setUpAndBuild();
await import('../apps/cli/dist/main.js');
