import { registerFetchSessions, type Broker } from './fetch-sessions.js';

/** Answers as it was told to, one fetch after the other, and keeps what was sent. */
class FakeBroker {
  readonly sent: Record<string, unknown>[] = [];
  readonly lookupRequest = () => (args: object) => args;
  constructor(
    private readonly answers: readonly (object | Error)[],
    readonly versions: Broker['versions'] = { 1: { maxVersion: 11 } },
  ) {}

  async fetch(args: object): Promise<never> {
    const answer = this.answers[this.sent.length];
    this.sent.push(this.lookupRequest()(args) as Record<string, unknown>);
    await Promise.resolve();
    if (answer instanceof Error) throw answer;
    return answer as never;
  }
}

/** A class of its own for each test, as kafkajs' is wrapped for good. */
function wrappedBroker(...args: ConstructorParameters<typeof FakeBroker>): FakeBroker {
  const Wrapped = class extends FakeBroker {
    override fetch(fetchArgs: object): Promise<never> {
      return super.fetch(fetchArgs);
    }
  };
  registerFetchSessions(Wrapped as unknown as { prototype: Broker });
  return new Wrapped(...args);
}

const topics = [{ topic: 'a', partitions: [{ partition: 0, fetchOffset: '5', maxBytes: 9 }] }];
const ok = { errorCode: 0, sessionId: 42, responses: [] };
const lost = { errorCode: 70, sessionId: 0, responses: [] };

describe('registerFetchSessions', () => {
  it('names in a session only what has changed, and hands over the answer as it is', async () => {
    const broker = wrappedBroker([ok, ok]);
    await broker.fetch({ topics, maxWaitTime: 100 });
    expect(await broker.fetch({ topics, maxWaitTime: 100 })).toBe(ok);
    expect(broker.sent).toEqual([
      { topics, maxWaitTime: 100, sessionId: 0, sessionEpoch: 0, forgottenTopics: [] },
      { topics: [], maxWaitTime: 100, sessionId: 42, sessionEpoch: 1, forgottenTopics: [] },
    ]);
  });

  it('begins another session at once when the broker no longer knows this one', async () => {
    const broker = wrappedBroker([ok, lost, ok]);
    await broker.fetch({ topics });
    expect(await broker.fetch({ topics })).toBe(ok);
    expect(broker.sent[2]).toMatchObject({ topics, sessionId: 42, sessionEpoch: 0 });
  });

  it('says so when a broker refuses a session that begins', async () => {
    const broker = wrappedBroker([lost, lost]);
    await expect(broker.fetch({ topics })).rejects.toThrow(/refuses no session.*70/);
  });

  it('asks for everything again after a failure, which it passes on', async () => {
    const failure = new Error('the leader has moved');
    const broker = wrappedBroker([ok, failure, ok]);
    await broker.fetch({ topics });
    await expect(broker.fetch({ topics })).rejects.toBe(failure);
    await broker.fetch({ topics });
    expect(broker.sent[2]).toMatchObject({ topics, sessionEpoch: 0 });
  });

  it('leaves a broker alone that knows no sessions', async () => {
    const broker = wrappedBroker([ok], { 1: { maxVersion: 6 } });
    await broker.fetch({ topics });
    expect(broker.sent).toEqual([{ topics }]);
  });
});
