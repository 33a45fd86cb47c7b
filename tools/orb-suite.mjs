/** `npm run orb-suite`: see orb-suite/run.mjs, which imports packages. */
import { setUpAndBuild } from './setup/set-up-and-build.mjs';

await setUpAndBuild();
await import('./orb-suite/run.mjs');
