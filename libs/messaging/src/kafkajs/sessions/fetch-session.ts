export interface FetchPartition {
  readonly partition: number;
  readonly fetchOffset: string;
  readonly maxBytes: number;
}

export interface FetchTopic {
  readonly topic: string;
  readonly partitions: readonly FetchPartition[];
}

/** Content of one fetch: all that is wanted when the session begins, afterwards only what has changed. */
export interface FetchRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly topics: readonly FetchTopic[];
  readonly forgottenTopics: readonly { readonly topic: string; readonly partitions: number[] }[];
}

type Offsets = ReadonlyMap<string, ReadonlyMap<number, string>>;

/** The epoch that begins a session, and ends the one whose id goes with it. */
const FIRST_EPOCH = 0;
/** After it comes 1: an epoch is an INT32 above 0, and 0 would begin another session. */
const EPOCH_MAX = 2 ** 31 - 1;

/**
 * One consumer's fetch session at one broker (KIP-227). The broker remembers what is wanted and from which offset, and
 * answers only the partitions that have something. Its offsets move by requests alone: what was answered and not taken
 * is answered again. Pure.
 */
export class FetchSession {
  private id = 0;
  private epoch = FIRST_EPOCH;
  private known: Offsets = new Map();
  private asked: Offsets = new Map();

  /** The request that asks for `wanted`; one is under way at a time. */
  request(wanted: readonly FetchTopic[]): FetchRequest {
    this.asked = offsetsOf(wanted);
    return {
      sessionId: this.id,
      sessionEpoch: this.epoch,
      topics: this.epoch === FIRST_EPOCH ? wanted : changedTopics(wanted, this.known),
      forgottenTopics: this.epoch === FIRST_EPOCH ? [] : forgottenTopics(this.known, this.asked),
    };
  }

  /** The broker has answered. Its session 0 is none: it has no room, and every request says everything. */
  accept(sessionId: number): void {
    this.epoch = sessionId === 0 ? FIRST_EPOCH : (this.epoch % EPOCH_MAX) + 1;
    this.id = sessionId;
    this.known = this.asked;
  }

  /** The broker does not know the session, or nobody knows whether it has read the last request. */
  restart(): void {
    this.epoch = FIRST_EPOCH;
    this.known = new Map();
  }
}

const offsetsOf = (wanted: readonly FetchTopic[]): Offsets =>
  new Map(
    wanted.map(({ topic, partitions }) => [
      topic,
      new Map(partitions.map(({ partition, fetchOffset }) => [partition, fetchOffset])),
    ]),
  );

function changedTopics(wanted: readonly FetchTopic[], known: Offsets): FetchTopic[] {
  const changed: FetchTopic[] = [];
  for (const { topic, partitions } of wanted) {
    const before = known.get(topic);
    const moved = partitions.filter((at) => before?.get(at.partition) !== at.fetchOffset);
    if (moved.length > 0) changed.push({ topic, partitions: moved });
  }
  return changed;
}

function forgottenTopics(known: Offsets, asked: Offsets): FetchRequest['forgottenTopics'] {
  const forgotten: { topic: string; partitions: number[] }[] = [];
  for (const [topic, offsets] of known) {
    const now = asked.get(topic);
    const gone = [...offsets.keys()].filter((partition) => !now?.has(partition));
    if (gone.length > 0) forgotten.push({ topic, partitions: gone });
  }
  return forgotten;
}
