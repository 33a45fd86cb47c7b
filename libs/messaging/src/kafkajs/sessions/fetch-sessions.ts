import { invariant } from '@orbit/kernel';
import { createRequire } from 'node:module';
import { FetchSession, type FetchRequest, type FetchTopic } from './fetch-session.js';
import { requireVersion } from '../internals.js';

/**
 * Lets kafkajs fetch in sessions (docs/decisions/0018-fetch-sessions.md).
 *
 * kafkajs 2.2.4 knows the fields of a fetch session and never uses them: each fetch names every partition, each answer
 * does, and it starts promises for each of them, whatever is in it. Only the method that fetches from one broker is
 * wrapped; connections, metadata, errors and offsets stay kafkajs' own. Another version of kafkajs is refused.
 */
const BROKER_MODULE = 'kafkajs/src/broker/index.js';
/** The first version of Fetch that knows sessions, and the number of that request. */
const SESSION_VERSION = 7;
const FETCH = 1;

interface FetchArguments {
  readonly topics: readonly FetchTopic[];
}

interface FetchAnswer {
  /** Of the whole answer: 0, or what the broker has against the session. */
  readonly errorCode: number;
  readonly sessionId: number;
}

const isRefused = ({ errorCode }: FetchAnswer): boolean => errorCode !== 0;

type ProtocolOf = (args: object) => object;

export interface Broker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  readonly lookupRequest: (key: number, definition: unknown) => ProtocolOf;
  fetch(args: FetchArguments): Promise<FetchAnswer>;
}

const sessions = new WeakMap<Broker, FetchSession>();

/** The broker as kafkajs' own method sees it: what it sends says the session as well. */
const inSession = (broker: Broker, request: FetchRequest): Broker =>
  Object.create(broker, {
    lookupRequest: {
      value: (key: number, definition: unknown): ProtocolOf => {
        const protocolOf = broker.lookupRequest(key, definition);
        const { sessionId, sessionEpoch, forgottenTopics } = request;
        return (args) => protocolOf({ ...args, sessionId, sessionEpoch, forgottenTopics });
      },
    },
  }) as Broker;

const require = createRequire(import.meta.url);
const wrapped = new WeakSet<Broker>();

function kafkajsBroker(): { prototype: Broker } {
  requireVersion('KAFKA_FETCH_SESSIONS');
  return require(BROKER_MODULE) as { prototype: Broker };
}

/** Wraps kafkajs' fetching, once, for every consumer of this process. */
export function registerFetchSessions({ prototype } = kafkajsBroker()): void {
  if (wrapped.has(prototype)) return;
  wrapped.add(prototype);
  const fetchAll = prototype.fetch;
  prototype.fetch = async function fetchInSession(this: Broker, args) {
    if ((this.versions?.[FETCH]?.maxVersion ?? 0) < SESSION_VERSION)
      return fetchAll.call(this, args);
    let session = sessions.get(this);
    if (!session) sessions.set(this, (session = new FetchSession()));
    const first = await fetchOnce(this, session, args);
    if (!isRefused(first)) return first;
    // The broker was started anew, or gave the place of this session to another: it begins again.
    const second = await fetchOnce(this, session, args);
    invariant(!isRefused(second), `a broker refuses no session that begins (${second.errorCode})`);
    return second;
  };

  async function fetchOnce(
    broker: Broker,
    session: FetchSession,
    args: FetchArguments,
  ): Promise<FetchAnswer> {
    const request = session.request(args.topics);
    try {
      const { topics } = request;
      const answer = await fetchAll.call(inSession(broker, request), { ...args, topics });
      if (isRefused(answer)) session.restart();
      else session.accept(answer.sessionId);
      return answer;
    } catch (error) {
      session.restart();
      throw error;
    }
  }
}
