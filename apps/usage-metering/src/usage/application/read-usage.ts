import type { Clock } from '@orbit/kernel';
import { firstDayOfWindow, utcDay } from '../../rollups/domain/rollup.js';
import type { ChannelTotals, MeteringStore } from '../../rollups/application/ports.js';

/** Reads what an organization used, per channel. */
export class ReadUsage {
  constructor(
    private readonly store: MeteringStore,
    private readonly clock: Clock,
  ) {}

  /** Today and the `days` − 1 days before it, in UTC; sorted by channel. */
  async byChannel(
    organizationId: string,
    currency: string,
    days: number,
  ): Promise<readonly ChannelTotals[]> {
    const nowMs = this.clock.nowMs();
    const totals = await this.store.readUsage({
      organizationId,
      currency,
      firstDay: firstDayOfWindow(nowMs, days),
      lastDay: utcDay(nowMs),
    });
    return [...totals].sort((a, b) => (a.channel < b.channel ? -1 : 1));
  }
}
