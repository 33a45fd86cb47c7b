import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  CHECKOUT_RPC,
  orbPattern,
  type OrbAnswer,
  type OrbCall,
  type PaymentMethodView,
} from '@orbit/contracts';
import { PaymentMethods } from '../application/payment-methods.js';
import { fieldsOf, textOf } from './request-fields.js';

/** Saved payment methods; the use case knows only those of the organization's own customer. */
@Controller()
export class PaymentMethodsController {
  constructor(private readonly methods: PaymentMethods) {}

  @MessagePattern(CHECKOUT_RPC.listPaymentMethods)
  async list(@Payload() payload: unknown): Promise<readonly PaymentMethodView[]> {
    return this.methods.list(textOf(fieldsOf(payload), 'organization_id'));
  }

  /** Methods are read at Stripe whenever they are needed, so that nothing is left to bring over: it only has to answer. */
  @MessagePattern(orbPattern('sync-customer-payment-methods-from-gateway'))
  async sync(@Payload() { customer }: OrbCall): Promise<OrbAnswer> {
    await this.methods.list(customer?.id ?? '');
    return { status: 204, body: null };
  }

  @MessagePattern(CHECKOUT_RPC.setDefaultPaymentMethod)
  async setDefault(@Payload() payload: unknown): Promise<PaymentMethodView> {
    const fields = fieldsOf(payload);
    const methodId = textOf(fields, 'payment_method_id');
    return this.methods.setDefault(textOf(fields, 'organization_id'), methodId);
  }

  @MessagePattern(CHECKOUT_RPC.detachPaymentMethod)
  async detach(@Payload() payload: unknown): Promise<PaymentMethodView> {
    const fields = fieldsOf(payload);
    const methodId = textOf(fields, 'payment_method_id');
    return this.methods.detach(textOf(fields, 'organization_id'), methodId);
  }

  @MessagePattern(CHECKOUT_RPC.setupPaymentMethod)
  async setup(@Payload() payload: unknown): Promise<{ readonly url: string }> {
    const fields = fieldsOf(payload);
    return this.methods.setup({
      organization_id: textOf(fields, 'organization_id'),
      currency: textOf(fields, 'currency'),
      success_url: textOf(fields, 'success_url'),
      cancel_url: textOf(fields, 'cancel_url'),
    });
  }
}
