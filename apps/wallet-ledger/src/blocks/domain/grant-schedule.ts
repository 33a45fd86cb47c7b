import { micros, type Micros } from '@orbit/money';
import { bookCredit } from '../../books/domain/credit.js';
import { periodStart, type ScheduleCalendar } from './grant-schedule-calendar.js';
import type { Line, WalletDraft } from '../../books/domain/wallet-draft.js';
import type { Block, ChangeOutcome, Entry } from '../../books/domain/wallet.js';

/** A grant that repeats. */
export interface GrantSchedule extends ScheduleCalendar {
  readonly scheduleId: string;
  readonly walletNo: bigint;
  readonly reference: string;
  readonly kind: Block['kind'];
  readonly priority: number;
  readonly costBasisMicros: bigint;
  readonly amountMicros: Micros;
  /** Credit of a period expires with it, but for what rolls over. */
  readonly expiresWithPeriod: boolean;
  /** The most that may roll over into the next period in all. */
  readonly rolloverCapMicros: Micros;
  /** So many periods longer than its own may credit live by rolling over. */
  readonly rolloverPeriodsMax: number;
  /** First instant at which no further period begins; null never. */
  readonly endsAtMs: number | null;
  readonly nextPeriod: number;
  readonly nextAtMs: number | null;
  readonly createdAtMs: number;
  readonly cancelledAtMs: number | null;
}

/** The reference under which a period is booked: once, whoever tries again. */
export const periodReference = (scheduleId: string, period: number): string =>
  `schedule:${scheduleId}:${period}`;

/** The periods whose blocks may roll over into this one, newest first. */
export function rollingPeriods(schedule: GrantSchedule, period: number): number[] {
  const count = Math.min(period, schedule.rolloverPeriodsMax);
  return Array.from({ length: count }, (_, index) => period - 1 - index);
}

/**
 * Grants one period; then what is left of earlier periods rolls over, newest credit first, up to the cap:
 * an extension to the end of this period. What is over the cap expires as breakage. A ledger that was down
 * books the periods that it missed in their order, with the same result: breakage that the sweep booked
 * meanwhile comes back by a reopen entry.
 * Refusals: balance_limit.
 */
export function grantPeriod(
  draft: WalletDraft,
  schedule: GrantSchedule,
  period: number,
  {
    nowMs,
    entriesOf,
  }: {
    readonly nowMs: number;
    entriesOf(reference: string): readonly Entry[];
  },
): ChangeOutcome {
  const startMs = periodStart(schedule, period);
  const endMs = periodStart(schedule, period + 1);
  const reference = periodReference(schedule.scheduleId, period);
  const granted = bookCredit(
    draft,
    {
      type: 'grant',
      reference,
      amountMicros: schedule.amountMicros,
      kind: schedule.kind,
      costBasisMicros: schedule.costBasisMicros,
      priority: schedule.priority,
      effectiveAtMs: startMs,
      expiresAtMs: schedule.expiresWithPeriod ? endMs : null,
      occurredAtMs: startMs,
      metadata: { schedule: schedule.scheduleId, period },
    },
    nowMs,
  );
  if (granted === 'balance_limit') return { status: 'refused', reason: granted };
  const last = periodReference(schedule.scheduleId, period - 1);
  const lines: Line[] = [];
  let capMicros: bigint = schedule.rolloverCapMicros;
  for (const earlier of rollingPeriods(schedule, period)) {
    const block = blockOf(draft, entriesOf(periodReference(schedule.scheduleId, earlier)));
    // One that an operator extended otherwise, or voided, follows its own terms.
    if (!block || block.expiresAtMs !== startMs || block.voidedAtMs !== null) continue;
    const expiredBefore = expiredAtLastRollover(entriesOf(last), block);
    const keptMicros = rollOver({ draft, block, expiredBefore, capMicros, endMs }, (line) =>
      lines.push({ ...line, reference, slice: lines.length + 1, occurredAtMs: startMs }),
    );
    capMicros -= keptMicros;
  }
  const rolled = lines.length === 0 ? [] : draft.book(lines, nowMs);
  return { status: 'changed', entries: [granted, ...rolled] };
}

function blockOf(draft: WalletDraft, entries: readonly Entry[]): Block | undefined {
  const grant = entries.find(({ type }) => type === 'grant');
  return grant?.blockSequence == null ? undefined : draft.findBlock(grant.blockSequence);
}

/** The sum of a block that had expired when it rolled over last: that does not come back. */
function expiredAtLastRollover(entries: readonly Entry[], { sequence }: Block): bigint {
  const extension = entries.find(
    ({ type, blockSequence }) => type === 'extension' && blockSequence === sequence,
  );
  const expired = extension?.metadata?.['lapsed_micros'];
  return typeof expired === 'string' ? BigInt(expired) : 0n;
}

type RolloverLine = Omit<Line, 'reference' | 'slice' | 'occurredAtMs'>;

/** Returns what was kept. A block of which nothing is kept is left to the sweep. */
function rollOver(
  step: {
    readonly draft: WalletDraft;
    readonly block: Block;
    readonly expiredBefore: bigint;
    readonly capMicros: bigint;
    readonly endMs: number;
  },
  add: (line: RolloverLine) => void,
): bigint {
  const { draft, block, expiredBefore, capMicros, endMs } = step;
  const free = block.remainingMicros - (draft.pinned.get(block.sequence) ?? 0n);
  const swept = block.expiredMicros > expiredBefore ? block.expiredMicros - expiredBefore : 0n;
  const rest = free + swept;
  const kept = rest < capMicros ? rest : capMicros;
  if (kept <= 0n) return 0n;
  const expiredMicros = micros(block.expiredMicros + free - kept);
  draft.replaceBlock({ ...block, expiredMicros, expiresAtMs: endMs });
  const line = (
    way: Pick<Line, 'type' | 'from' | 'to'>,
    amountMicros: bigint,
    metadata: Line['metadata'] = null,
  ): RolloverLine => ({
    ...way,
    amountMicros: micros(amountMicros),
    blockSequence: block.sequence,
    channel: null,
    quantity: null,
    metadata,
  });
  if (free > kept) add(line({ type: 'expiry', from: 'wallet', to: 'breakage' }, free - kept));
  if (kept > free) add(line({ type: 'reopen', from: 'breakage', to: 'wallet' }, kept - free));
  const terms = {
    from: new Date(block.expiresAtMs ?? endMs).toISOString(),
    to: new Date(endMs).toISOString(),
    rolled_over_micros: String(kept),
    lapsed_micros: String(expiredMicros),
  };
  add(line({ type: 'extension', from: 'wallet', to: 'wallet' }, 0n, terms));
  return kept;
}
