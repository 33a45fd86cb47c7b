/** `npm run reliability`: see reliability/run.mjs, which imports packages. */
import { setUpAndBuild } from './setup/set-up-and-build.mjs';

await setUpAndBuild();
await import('./reliability/run.mjs');
