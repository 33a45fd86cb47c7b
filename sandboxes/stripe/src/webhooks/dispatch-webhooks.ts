import type { Clock } from '@orbit/kernel';
import { retryDelayMs } from './webhook-schedule.js';
import type {
  DeliveryResult,
  DueDelivery,
  IdSource,
  SandboxStore,
  WebhookSender,
} from '../world/ports.js';
import type { SandboxSettings } from '../world/work.js';

/** Longer than a post may take, so that no delivery is sent twice while its first attempt runs. */
const LEASE_MS = 30_000;

/** Sends what is due. At least once: a crash between post and note sends again, with the same event id. */
export class DispatchWebhooks {
  constructor(
    private readonly store: SandboxStore,
    private readonly sender: WebhookSender,
    private readonly clock: Clock,
    private readonly ids: IdSource,
    private readonly settings: SandboxSettings,
  ) {}

  claim(countMax: number): Promise<readonly DueDelivery[]> {
    const nowMs = this.clock.nowMs();
    return this.store.claimDeliveries(nowMs, nowMs + LEASE_MS, countMax);
  }

  /** Until something is due, in ms; null when nothing waits. */
  async waitMs(): Promise<number | null> {
    const dueAtMs = await this.store.nextDueAtMs();
    return dueAtMs === null ? null : Math.max(0, dueAtMs - this.clock.nowMs());
  }

  async deliver(delivery: DueDelivery): Promise<void> {
    const target = await this.targetOf(delivery);
    if (target === null) {
      await this.finish(delivery, 'failed', null, 'the endpoint is gone');
      return;
    }
    const answer = await this.sender.post(target.url, target.secret, delivery.event);
    if ('status' in answer && answer.status >= 200 && answer.status < 300) {
      await this.finish(delivery, 'delivered', answer.status, null);
      return;
    }
    const lastStatus = 'status' in answer ? answer.status : null;
    const lastError = 'error' in answer ? answer.error : null;
    const ageMs = this.clock.nowMs() - delivery.createdAtMs;
    const delayMs = retryDelayMs(delivery.attempts, ageMs, this.ids.random());
    await this.finish(
      delivery,
      delayMs === null ? 'failed' : 'pending',
      lastStatus,
      lastError,
      delayMs ?? 0,
    );
  }

  private async targetOf(delivery: DueDelivery): Promise<{ url: string; secret: string } | null> {
    const { endpointId } = delivery;
    if (endpointId === null) return this.settings.webhook;
    const endpoint = await this.store.transaction((tx) => tx.find('webhook_endpoint', endpointId));
    if (endpoint === null || endpoint.body.status === 'disabled') return null;
    return { url: endpoint.body.url, secret: endpoint.secret.signing_secret };
  }

  private finish(
    delivery: DueDelivery,
    status: DeliveryResult['status'],
    lastStatus: number | null,
    lastError: string | null,
    delayMs = 0,
  ): Promise<void> {
    const nextAttemptAtMs = this.clock.nowMs() + delayMs;
    return this.store.finishDelivery({
      id: delivery.id,
      status,
      nextAttemptAtMs,
      lastStatus,
      lastError,
    });
  }
}
