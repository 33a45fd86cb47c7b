import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { readRfc3339, within, type Clock } from '@orbit/kernel';
import { answered, invalid, refused } from '@orbit/orb-api';
import type { DriveClock } from './drive-clock.js';
import type { Clocks } from './ports.js';

/** The longest that a request waits for the clock to arrive, in milliseconds. */
const WAIT_MS = 50_000;
/** A jump does what happens on the way; a longer one is made in several. */
const JUMP_YEARS_MAX = 20;

/** `GET` and `POST /v1/test_clock`. Refusals are answers. */
export class ServeTestClock {
  constructor(
    private readonly clocks: Clocks,
    private readonly drive: DriveClock,
    private readonly clock: Clock,
    /** The clock goes on in the background. */
    private readonly onFault: (accountId: string, error: unknown) => void,
    private readonly waitMs = WAIT_MS,
  ) {}

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    return refusalOfMode(call) ?? this.show(call.account.id);
  }

  /** Moves the clock forward, and answers when all that is due by then is done, or that it is on its way. */
  async advance(call: OrbCall): Promise<OrbAnswer> {
    const refusal = refusalOfMode(call);
    if (refusal) return refusal;
    const read = readNow(call.body);
    if ('faults' in read) return invalidFields(read.faults);
    const accountId = call.account.id;
    const before = await this.clocks.read(accountId);
    const nowMs = before?.nowMs ?? this.clock.nowMs();
    if (read.nowMs > yearsAfter(before?.targetMs ?? nowMs, JUMP_YEARS_MAX)) {
      return constraint(
        `now is more than ${JUMP_YEARS_MAX} years ahead; move there in several steps.`,
      );
    }
    const isAhead = read.nowMs >= nowMs;
    if (!isAhead || !(await this.clocks.aim(accountId, nowMs, read.nowMs))) {
      const at = new Date(before?.targetMs ?? nowMs).toISOString();
      return constraint(`now is before ${at}, where the clock is; it never goes back.`);
    }
    const driven = this.drive.run(accountId).catch((error: unknown) => {
      this.onFault(accountId, error);
    });
    await within(driven, this.waitMs).catch(() => undefined);
    return this.show(accountId);
  }

  private async show(accountId: string): Promise<OrbAnswer> {
    const state = await this.clocks.read(accountId);
    const now = new Date(state?.nowMs ?? this.clock.nowMs()).toISOString();
    return answered(200, {
      now,
      status: (state?.targetMs ?? null) === null ? 'ready' : 'advancing',
    });
  }
}

function refusalOfMode({ account }: OrbCall): OrbAnswer | null {
  if (account.mode === 'test') return null;
  const detail = 'A live account follows real time; a test account has a test clock.';
  return refused({ code: 'feature_not_available', detail });
}

/** The body as it came: anything that JSON can be. */
function readNow(
  body: unknown,
): { readonly nowMs: number } | { readonly faults: readonly string[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { faults: ['body is an object: {"now": "2026-12-01T00:00:00Z"}'] };
  }
  const { now, ...rest } = body as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(rest).map(
    (name) => `${name.slice(0, 128)} is not a field of a test clock`,
  );
  const nowMs = readRfc3339(now);
  if (nowMs !== null && unknown.length === 0) return { nowMs };
  const fault =
    nowMs === null ? [`now is an RFC 3339 instant with a zone: 2026-12-01T00:00:00Z`] : [];
  return { faults: [...fault, ...unknown] };
}

const invalidFields = (faults: readonly string[]): OrbAnswer =>
  faults.length === 1 && faults[0] !== undefined
    ? invalid(faults[0])
    : refused({
        ...{ code: 'request_validation_errors', detail: faults.join('; ') },
        validationErrors: faults,
      });

const constraint = (detail: string): OrbAnswer => refused({ code: 'constraint_violation', detail });

function yearsAfter(ms: number, years: number): number {
  const date = new Date(ms);
  return date.setUTCFullYear(date.getUTCFullYear() + years);
}
