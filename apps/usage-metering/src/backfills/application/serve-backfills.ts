import type { OrbAnswer, OrbCall } from '@orbit/contracts';
import { newId, type AccountClock } from '@orbit/kernel';
import {
  answered,
  instantIn,
  invalid,
  NOT_A_CURSOR,
  notFound,
  pageOf,
  pageQueryOf,
  refused,
  type Changes,
} from '@orbit/orb-api';
import { isOpen, type Backfill } from '../domain/backfill.js';
import { readDeprecationFilter } from '../domain/read-deprecation-filter.js';
import type { ParseSql } from '../../metrics/domain/sql-tree.js';
import type { Backfills, BackfillTransaction, NewBackfill } from './ports.js';

const DAY_MS = 86_400_000;
const DAYS_MAX = 31;

/** The operations of backfills. Errors: the database's own; refusals are answers. */
export class ServeBackfills {
  constructor(
    private readonly backfills: Backfills,
    private readonly changes: Changes<BackfillTransaction>,
    private readonly clock: AccountClock,
    private readonly parse: ParseSql,
    /** There is something to reflect or to take back. */
    private readonly wake: () => void,
  ) {}

  async create(call: OrbCall): Promise<OrbAnswer> {
    const wanted = await this.read(call);
    if ('fault' in wanted) return invalid(wanted.fault);
    return this.changes.run(call, async (tx) => {
      const other = await tx.colliding(wanted);
      if (other !== null) {
        return constraint(`The timeframe meets that of backfill ${other}, which has not ended.`);
      }
      await tx.insert(wanted);
      const rest = { status: 'pending', revertedAt: null, eventsIngested: 0n } as const;
      return answered(200, toResponse({ ...wanted, ...rest, position: 0n }));
    });
  }

  async fetch(call: OrbCall): Promise<OrbAnswer> {
    const backfill = await this.backfills.read(call.account.id, idOf(call));
    return backfill ? answered(200, toResponse(backfill)) : missing(call);
  }

  async list(call: OrbCall): Promise<OrbAnswer> {
    const query = pageQueryOf('list-backfills', call);
    if (!query) return invalid(NOT_A_CURSOR);
    const { customer_id: customerId, status } = call.query;
    const filter = {
      customerId: typeof customerId === 'string' ? customerId : null,
      status: typeof status === 'string' ? status : null,
    };
    const rows = await this.backfills.list(query, filter);
    return pageOf('list-backfills', call, query, rows, toResponse);
  }

  /** From now on it takes no events; they become visible a moment later. */
  close(call: OrbCall): Promise<OrbAnswer> {
    return this.change(call, (backfill, nowMs) =>
      isOpen(backfill, nowMs) ? { ...backfill, closeTime: new Date(nowMs) } : null,
    );
  }

  revert(call: OrbCall): Promise<OrbAnswer> {
    return this.change(call, (backfill, nowMs) => {
      if (backfill.status === 'pending') {
        return { ...backfill, status: 'reverted', revertedAt: new Date(nowMs) };
      }
      if (backfill.status !== 'reflected') return null;
      return { ...backfill, status: 'pending_revert', revertedAt: new Date(nowMs) };
    });
  }

  private async change(
    call: OrbCall,
    to: (backfill: Backfill, nowMs: number) => Backfill | null,
  ): Promise<OrbAnswer> {
    const nowMs = await this.clock.nowMs(call.account.id);
    const answer = await this.changes.run(call, async (tx) => {
      const backfill = await tx.lock(call.account.id, idOf(call));
      if (!backfill) return missing(call);
      const changed = to(backfill, nowMs);
      if (!changed) return constraint(`The backfill is ${backfill.status}, and closed.`);
      await tx.save(changed);
      return answered(200, toResponse(changed));
    });
    this.wake();
    return answer;
  }

  private async read(call: OrbCall): Promise<NewBackfill | { readonly fault: string }> {
    const { account, body, customer } = call;
    const nowMs = await this.clock.nowMs(account.id);
    const timeOf = (name: string): number => instantIn(String(body[name]), account.timezone);
    const [fromMs, toMs] = [timeOf('timeframe_start'), timeOf('timeframe_end')];
    if (Number.isNaN(fromMs)) return { fault: 'timeframe_start is no instant' };
    if (Number.isNaN(toMs)) return { fault: 'timeframe_end is no instant' };
    if (fromMs >= toMs) return { fault: 'timeframe_end must be after timeframe_start' };
    if (toMs - fromMs > DAYS_MAX * DAY_MS) {
      return { fault: `timeframe_end must be at most ${DAYS_MAX} days after timeframe_start` };
    }
    const hasClose = typeof body['close_time'] === 'string';
    const closeMs = hasClose ? timeOf('close_time') : nowMs + DAY_MS;
    if (Number.isNaN(closeMs)) return { fault: 'close_time is no instant' };
    if (closeMs <= nowMs) return { fault: 'close_time must be in the future' };
    const replacesExisting = body['replace_existing_events'] !== false;
    const filter = (body['deprecation_filter'] ?? null) as string | null;
    if (filter !== null) {
      if (!replacesExisting) {
        return { fault: 'deprecation_filter needs replace_existing_events to be true' };
      }
      const read = await readDeprecationFilter(filter, this.parse);
      if ('fault' in read) return { fault: `deprecation_filter: ${read.fault}` };
    }
    return {
      id: newId('bkf', nowMs),
      accountId: account.id,
      customerId: customer?.id ?? null,
      timeframeStart: new Date(fromMs),
      timeframeEnd: new Date(toMs),
      replacesExisting,
      deprecationFilter: filter,
      closeTime: new Date(closeMs),
      createdAt: new Date(nowMs),
    };
  }
}

const idOf = ({ path }: OrbCall): string => path['backfill_id'] ?? '';
const missing = (call: OrbCall): OrbAnswer => refused(notFound('backfill', idOf(call)));
const constraint = (detail: string): OrbAnswer => refused({ code: 'constraint_violation', detail });

const toResponse = (backfill: Backfill): Record<string, unknown> => ({
  id: backfill.id,
  status: backfill.status,
  created_at: backfill.createdAt.toISOString(),
  timeframe_start: backfill.timeframeStart.toISOString(),
  timeframe_end: backfill.timeframeEnd.toISOString(),
  events_ingested: Number(backfill.eventsIngested),
  close_time: backfill.closeTime.toISOString(),
  reverted_at: backfill.revertedAt?.toISOString() ?? null,
  customer_id: backfill.customerId,
  deprecation_filter: backfill.deprecationFilter,
  replace_existing_events: backfill.replacesExisting,
});
