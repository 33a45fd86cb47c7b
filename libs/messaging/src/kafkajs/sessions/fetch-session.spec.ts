import { FetchSession, type FetchTopic } from './fetch-session.js';

const at = (partition: number, fetchOffset: string) => ({ partition, fetchOffset, maxBytes: 1024 });
const topic = (name: string, ...partitions: FetchTopic['partitions'][number][]): FetchTopic => ({
  topic: name,
  partitions,
});

describe('FetchSession', () => {
  const all = [topic('a', at(0, '5'), at(1, '7')), topic('b', at(0, '0'))];

  it('begins with everything that is wanted', () => {
    const session = new FetchSession();
    expect(session.request(all)).toEqual({
      sessionId: 0,
      sessionEpoch: 0,
      topics: all,
      forgottenTopics: [],
    });
  });

  it('says nothing again that has not changed', () => {
    const session = new FetchSession();
    session.request(all);
    session.accept(42);
    expect(session.request(all)).toEqual({
      sessionId: 42,
      sessionEpoch: 1,
      topics: [],
      forgottenTopics: [],
    });
    session.accept(42);
    expect(session.request(all).sessionEpoch).toBe(2);
  });

  it('says offsets that moved, what is new, and what is no longer wanted', () => {
    const session = new FetchSession();
    session.request(all);
    session.accept(42);
    const moved = [topic('a', at(0, '9')), topic('c', at(3, '1'))];
    expect(session.request(moved)).toMatchObject({
      topics: moved,
      forgottenTopics: [
        { topic: 'a', partitions: [1] },
        { topic: 'b', partitions: [0] },
      ],
    });
    session.accept(42);
    expect(session.request(all)).toMatchObject({
      topics: all,
      forgottenTopics: [{ topic: 'c', partitions: [3] }],
    });
  });

  it('says an offset again that went back', () => {
    const session = new FetchSession();
    session.request([topic('a', at(0, '9'))]);
    session.accept(42);
    const back = [topic('a', at(0, '3'))];
    expect(session.request(back).topics).toEqual(back);
  });

  it('begins anew under its old id after a failure, so that the broker drops the old one', () => {
    const session = new FetchSession();
    session.request(all);
    session.accept(42);
    session.request(all);
    session.restart();
    expect(session.request(all)).toEqual({
      sessionId: 42,
      sessionEpoch: 0,
      topics: all,
      forgottenTopics: [],
    });
  });

  it('says everything each time while the broker has no room for a session', () => {
    const session = new FetchSession();
    session.request(all);
    session.accept(0);
    expect(session.request(all)).toMatchObject({ sessionId: 0, sessionEpoch: 0, topics: all });
  });
});
