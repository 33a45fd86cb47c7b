import type { Plans } from '../application/plan-ports.js';
import type { PlanKnowledge } from '../application/spend-allowance.js';

/** What is known of an organization's plan is believed so long, in milliseconds. */
const TTL_MS = 10_000;
/** A charge waits no longer than this for what is not known. */
const WAIT_MS_MAX = 250;
/** Organizations remembered at once; full, it starts again. */
const SIZE_MAX = 100_000;

interface Known {
  readonly hasPlan: boolean;
  readonly untilMs: number;
}

/** Remembers who has a plan. Asked anew in the background: only the very first charge of an organization waits. */
export class PlanMemory implements PlanKnowledge {
  private readonly known = new Map<string, Known>();
  private readonly asking = new Map<string, Promise<boolean>>();

  constructor(private readonly plans: Pick<Plans, 'readSubscription'>) {}

  async hasPlan(organizationId: string): Promise<boolean> {
    const known = this.known.get(organizationId);
    if (known !== undefined) {
      if (known.untilMs <= performance.now()) void this.ask(organizationId, known.hasPlan);
      return known.hasPlan;
    }
    return this.ask(organizationId, false);
  }

  private ask(organizationId: string, otherwise: boolean): Promise<boolean> {
    const running = this.asking.get(organizationId);
    if (running !== undefined) return running;
    const asked = this.read(organizationId, otherwise).finally(() =>
      this.asking.delete(organizationId),
    );
    this.asking.set(organizationId, asked);
    return asked;
  }

  private async read(organizationId: string, otherwise: boolean): Promise<boolean> {
    const late = new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(otherwise), WAIT_MS_MAX).unref();
    });
    const read = this.plans.readSubscription(organizationId).then(
      (plan) => plan !== null,
      () => otherwise,
    );
    const hasPlan = await Promise.race([read, late]);
    if (this.known.size >= SIZE_MAX) this.known.clear();
    this.known.set(organizationId, { hasPlan, untilMs: performance.now() + TTL_MS });
    return hasPlan;
  }
}
