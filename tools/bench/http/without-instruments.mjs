/** Loaded before a gateway (`node --import`): its instruments and traces are not there, everything else is. */
import { register } from 'node:module';

register('./bare-modules.mjs', import.meta.url);
