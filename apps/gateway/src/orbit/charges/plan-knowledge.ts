import type { Clients } from '../../edge/rpc/clients.js';
import type { PlanKnowledge } from './spend-allowance.js';

/** An organization's cached plan is asked anew, in the background, after so many milliseconds. */
const FRESH_MS = 5_000;
/**
 * The greatest age of a cached plan that is used: who has charged long ago and bought a plan since must not pay from
 * the wallet.
 */
const BELIEVED_MS = 10_000;
/** A charge waits no longer than this for what is not known. */
const WAIT_MS_MAX = 250;
/** So long after it went to pay for a plan an organization without one is asked about at each charge. */
const EXPECTED_MS = 3_600_000;
/** Organizations remembered at once; full, it starts again. */
const SIZE_MAX = 100_000;

interface Known {
  readonly hasPlan: boolean;
  readonly atMs: number;
}

/** Remembers who has a plan. Asked anew in the background: only the first charge after a while without any waits. */
export class PlanMemory implements PlanKnowledge {
  private readonly known = new Map<string, Known>();
  /** By when those are expected to have one that went to pay for it. */
  private readonly expected = new Map<string, number>();
  private readonly asking = new Map<string, Promise<boolean>>();

  constructor(
    private readonly subscriptions: Clients['subscriptions'],
    private readonly elapsedMs: () => number = () => performance.now(),
  ) {}

  async hasPlan(organizationId: string): Promise<boolean> {
    const known = this.known.get(organizationId);
    if (known === undefined) return this.ask(organizationId, false);
    if (!known.hasPlan && this.isExpected(organizationId)) return this.ask(organizationId, false);
    const ageMs = this.elapsedMs() - known.atMs;
    if (ageMs < FRESH_MS) return known.hasPlan;
    const asked = this.ask(organizationId, known.hasPlan);
    return ageMs < BELIEVED_MS ? known.hasPlan : asked;
  }

  learn(organizationId: string, hasPlan: boolean): void {
    this.remember(organizationId, { hasPlan, atMs: this.elapsedMs() });
  }

  expectPlan(organizationId: string): void {
    if (this.expected.size >= SIZE_MAX) this.expected.clear();
    this.expected.set(organizationId, this.elapsedMs() + EXPECTED_MS);
  }

  private isExpected(organizationId: string): boolean {
    const untilMs = this.expected.get(organizationId);
    if (untilMs === undefined) return false;
    if (untilMs > this.elapsedMs()) return true;
    this.expected.delete(organizationId);
    return false;
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

  /** An answer that is too late for the charge that waits is learnt all the same. */
  private read(organizationId: string, otherwise: boolean): Promise<boolean> {
    const askedAtMs = this.elapsedMs();
    const learn = (known: Known): boolean => this.learnSince(askedAtMs, organizationId, known);
    return new Promise((resolve) => {
      // Dated back to the question, so that its answer is newer.
      const assume = (): void => resolve(learn({ hasPlan: otherwise, atMs: askedAtMs }));
      const late = setTimeout(assume, WAIT_MS_MAX).unref();
      this.subscriptions.read({ organization_id: organizationId }).then((plan) => {
        clearTimeout(late);
        resolve(learn({ hasPlan: plan !== null, atMs: this.elapsedMs() }));
      }, assume);
    });
  }

  /** Returns what counts: somebody may have seen the plan since, which is newer than this may be. */
  private learnSince(askedAtMs: number, organizationId: string, known: Known): boolean {
    const newer = this.known.get(organizationId);
    if (newer !== undefined && newer.atMs > askedAtMs) return newer.hasPlan;
    this.remember(organizationId, known);
    return known.hasPlan;
  }

  private remember(organizationId: string, known: Known): void {
    if (this.known.size >= SIZE_MAX) this.known.clear();
    this.known.set(organizationId, known);
  }
}
