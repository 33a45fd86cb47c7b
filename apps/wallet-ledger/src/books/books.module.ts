import { systemClock } from '@orbit/kernel';
import type { EventProducer } from '@orbit/messaging';
import { currentTrace, inSharedSpan, instances, type Feature, type Logger } from '@orbit/runtime';
import type { Redis } from 'ioredis';
import { FailPoint } from './adapters/fail-points.js';
import { KafkaLedgerEvents } from './adapters/kafka-ledger-events.js';
import { measuredPosting } from './adapters/measured-posting.js';
import type { PostgresLedgerStore } from './adapters/postgres-ledger-store.js';
import { RedisReplies } from './adapters/redis-replies.js';
import { ChangeWallet } from './application/change-wallet.js';
import { PostBatch } from './application/post-batch.js';

type Post = ConstructorParameters<typeof PostBatch>;
type Change = ConstructorParameters<typeof ChangeWallet>;

export interface BookParts {
  readonly redis: Redis;
  readonly producer: EventProducer;
  readonly store: PostgresLedgerStore;
  readonly reader: Change[1];
  readonly hotBalances: Post[1];
  readonly hotLoads: Change[2];
  /** The deciders of each kind of command, from the features that own them. */
  readonly rules: Post[5];
  /** Where a test wants the process to die. */
  readonly failPoint: string | undefined;
  readonly logger: Logger;
}

/** With what all other features book by. */
export interface BooksFeature extends Feature {
  readonly postBatch: PostBatch;
  readonly changeWallet: ChangeWallet;
  readonly events: KafkaLedgerEvents;
}

/** The ground of the ledger: commands come in, entries, hot balances and events go out. */
export function booksFeature(parts: BookParts): BooksFeature {
  const { redis, producer, store, reader, hotBalances, hotLoads, logger } = parts;
  const events = new KafkaLedgerEvents(producer);
  const failPoint = parts.failPoint ? new FailPoint(parts.failPoint) : null;
  const posting = measuredPosting({ store, hotBalances, events });
  const ports = failPoint ? failPoint.around(posting) : posting;
  const postBatch = new PostBatch(
    ports.store,
    ports.hotBalances,
    ports.events,
    new RedisReplies(redis, logger),
    systemClock,
    parts.rules,
    { current: currentTrace, around: (traces, work) => inSharedSpan('post', traces, work) },
  );
  failPoint?.afterRun(postBatch);
  const changeWallet = new ChangeWallet(postBatch, reader, hotLoads, systemClock);
  return {
    providers: instances(postBatch, changeWallet),
    postBatch,
    changeWallet,
    events,
  };
}
