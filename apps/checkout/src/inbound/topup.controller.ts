import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CHECKOUT_RPC, OrbitError, type TopUpCreated } from '@orbit/contracts';
import { CreateTopUpSession } from '../application/create-topup.js';
import { ReceiveWebhook } from '../application/receive-webhook.js';
import { BackgroundWork } from './background-work.js';

type Fields = Readonly<Record<string, unknown>>;

/** What the gateway asks of checkout. The shapes are in libs/contracts; the use cases check the values. */
@Controller()
export class TopUpController {
  constructor(
    private readonly createTopUp: CreateTopUpSession,
    private readonly receiveWebhook: ReceiveWebhook,
    private readonly background: BackgroundWork,
  ) {}

  @MessagePattern(CHECKOUT_RPC.createTopUp)
  async create(@Payload() payload: unknown): Promise<TopUpCreated> {
    const fields = fieldsOf(payload);
    return this.createTopUp.run({
      organization_id: textOf(fields, 'organization_id'),
      amount_minor: numberOf(fields, 'amount_minor', 'amount'),
      currency: textOf(fields, 'currency'),
      success_url: textOf(fields, 'success_url'),
      cancel_url: textOf(fields, 'cancel_url'),
      idempotency_key: textOf(fields, 'idempotency_key'),
    });
  }

  @MessagePattern(CHECKOUT_RPC.stripeWebhook)
  async webhook(@Payload() payload: unknown): Promise<{ received: true }> {
    const fields = fieldsOf(payload);
    const body = Buffer.from(textOf(fields, 'payload'), 'base64');
    const answer = await this.receiveWebhook.run(body, textOf(fields, 'signature'));
    this.background.wakeRelay();
    return answer;
  }
}

function fieldsOf(payload: unknown): Fields {
  return typeof payload === 'object' && payload !== null ? (payload as Fields) : {};
}

/** A field of another type reads as empty; the use case names it when it checks. */
function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : '';
}

function numberOf(fields: Fields, name: string, param: string): number {
  const value = fields[name];
  if (typeof value === 'number') return value;
  throw new OrbitError('invalid_field', `${param} is a whole number of minor units.`, { param });
}
