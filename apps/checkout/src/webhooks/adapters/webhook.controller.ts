import { Controller } from '@nestjs/common';
import { STRIPE_WEBHOOKS } from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { AutoReloadWake, RelayWake } from '../../topups/adapters/wakes.js';
import { ReceiveWebhook } from '../application/receive-webhook.js';

/** Stripe's signed events, byte for byte as the gateway received them. */
@Controller()
export class WebhookController {
  constructor(
    private readonly receiveWebhook: ReceiveWebhook,
    private readonly relay: RelayWake,
    private readonly autoReload: AutoReloadWake,
  ) {}

  @Handles(STRIPE_WEBHOOKS.receive)
  async webhook(event: {
    readonly payload: string;
    readonly signature: string;
  }): Promise<{ received: boolean }> {
    const body = Buffer.from(event.payload, 'base64');
    const answer = await this.receiveWebhook.run(body, event.signature);
    this.relay.ring();
    this.autoReload.ring();
    return answer;
  }
}
