import type { SqlSession, Transactions, UsageFollower } from '../domain/usage-store.js';

/** Where a test may have the process die, in the order in which a batch of events passes them. */
export const FAIL_POINTS = [
  'after_names',
  'after_store',
  'after_volume',
  'after_rollups',
  'before_commit',
  'after_commit',
  'before_offsets',
] as const;
export type FailPointName = (typeof FAIL_POINTS)[number];

/** "after_commit", or "after_commit:3" for the third time that it is passed. */
export const FAIL_POINT_FORM = new RegExp(`^(${FAIL_POINTS.join('|')})(:[1-9]\\d{0,8})?$`);

/**
 * kill -9 of this very process at a named place, for crash tests: no handler runs, no buffer is flushed. It sits around
 * the parts, so that the code under test is the code that ships. Configuration refuses it in production.
 */
export class FailPoint {
  private readonly name: string;
  private timesLeft: number;

  constructor(
    text: string,
    private readonly die: () => void = () => process.kill(process.pid, 'SIGKILL'),
  ) {
    const [name = '', times = '1'] = text.split(':');
    this.name = name;
    this.timesLeft = Number(times);
  }

  passed(name: FailPointName): void {
    if (name !== this.name) return;
    this.timesLeft -= 1;
    if (this.timesLeft === 0) this.die();
  }

  /** Of events: what takes the names of customers, what changes events, the end. */
  transactions(inner: Transactions): Transactions {
    return {
      run: async (work) => {
        const result = await inner.run(async (sql) => {
          const done = await work(this.session(sql));
          this.passed('before_commit');
          return done;
        });
        this.passed('after_commit');
        return result;
      },
    };
  }

  /** The first follower is called when a change is stored. */
  followers(volume: UsageFollower, rollups: UsageFollower): readonly UsageFollower[] {
    const at = (name: FailPointName): UsageFollower => ({
      apply: () => Promise.resolve(this.passed(name)),
    });
    return [at('after_store'), volume, at('after_volume'), rollups, at('after_rollups')];
  }

  /** The last place: everything is done, and only the offsets are not committed. */
  async beforeOffsets<T>(work: Promise<T>): Promise<T> {
    const result = await work;
    this.passed('before_offsets');
    return result;
  }

  private session(sql: SqlSession): SqlSession {
    return {
      query: async <Row>(text: string, values?: readonly unknown[]) => {
        const rows = await sql.query<Row>(text, values);
        if (text.includes('usage name')) this.passed('after_names');
        return rows;
      },
    };
  }
}
