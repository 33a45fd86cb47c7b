import { invariant } from '@orbit/kernel';
import { createRequire } from 'node:module';

/** The version whose insides were read when this folder was written; package.json pins it. */
export const WRITTEN_FOR = '2.2.4';

/** A part of this folder that changes kafkajs, by the setting that turns it off. */
export type Part = 'KAFKA_FETCH_SESSIONS' | 'KAFKA_OWN_ENCODER';

const require = createRequire(import.meta.url);

const installedVersion = (): string =>
  (require('kafkajs/package.json') as { readonly version: string }).version;

/** Refuses to change another version than the one that was read: what is encoded there is money. */
export function requireVersion(part: Part, version = installedVersion()): void {
  invariant(
    version === WRITTEN_FOR,
    `kafkajs ${version} is installed, and what wraps it was written for ${WRITTEN_FOR}: install that, or set ` +
      `${part}=off (libs/messaging/src/kafkajs/README.md)`,
  );
}
