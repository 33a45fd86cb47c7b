import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CHECKOUT_RPC } from '@orbit/contracts';
import { BackgroundJobs } from '@orbit/runtime';
import { fieldsOf, textOf } from '../../topups/adapters/request-fields.js';
import { ReceiveWebhook } from '../application/receive-webhook.js';

/** Stripe's signed events, byte for byte as the gateway received them. */
@Controller()
export class WebhookController {
  constructor(
    private readonly receiveWebhook: ReceiveWebhook,
    private readonly background: BackgroundJobs,
  ) {}

  @MessagePattern(CHECKOUT_RPC.stripeWebhook)
  async webhook(@Payload() payload: unknown): Promise<{ received: true }> {
    const fields = fieldsOf(payload);
    const body = Buffer.from(textOf(fields, 'payload'), 'base64');
    const answer = await this.receiveWebhook.run(body, textOf(fields, 'signature'));
    this.background.wake('relay');
    this.background.wake('auto_reload');
    return answer;
  }
}
