/** `npm run reliability`: see reliability/run.mjs and, for usage-metering, reliability/metering/run.mjs, which import packages. */
import { setUpAndBuild } from './setup/set-up-and-build.mjs';

await setUpAndBuild();
const isMetering = process.argv.includes('usage-metering');
await import(isMetering ? './reliability/metering/run.mjs' : './reliability/run.mjs');
