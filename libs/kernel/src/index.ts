export { invariant, InvariantViolation } from './invariant.js';
export { systemClock, type Clock } from './clock.js';
export { nextTurn } from './next-turn.js';
export { newId, type IdPrefix } from './ids.js';
export { isoInstant, isStorableInstant } from './instant.js';
export { readJson, type JsonFault, type ReadJson } from './json.js';
export { mayHoldUnstorableText, unstorableTextAt } from './text.js';
export { isTimezone } from './timezone.js';
export { within } from './within.js';
