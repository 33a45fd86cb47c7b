import { WakeUp } from '@orbit/runtime';

/** Something was committed that the relay of the outbox has to publish. */
export class RelayWake extends WakeUp {}

/** A policy of auto-reload may be due. */
export class AutoReloadWake extends WakeUp {}
