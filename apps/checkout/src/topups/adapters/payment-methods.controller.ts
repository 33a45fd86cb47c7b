import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  orbPattern,
  PAYMENT_METHODS,
  type OrbAnswer,
  type OrbCall,
  type PaymentMethodView,
  type SetupPage,
  type SetupPageRequest,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { PaymentMethods } from '../application/payment-methods.js';

interface MethodRef {
  readonly organization_id: string;
  readonly payment_method_id: string;
}

/** Saved payment methods; the use case knows only those of the organization's own customer. */
@Controller()
export class PaymentMethodsController {
  constructor(private readonly methods: PaymentMethods) {}

  @Handles(PAYMENT_METHODS.list)
  list(request: { readonly organization_id: string }): Promise<readonly PaymentMethodView[]> {
    return this.methods.list(request.organization_id);
  }

  /** Methods are read at Stripe whenever they are needed, so that nothing is left to bring over: it only has to answer. */
  @MessagePattern(orbPattern('sync-customer-payment-methods-from-gateway'))
  async sync(@Payload() { customer }: OrbCall): Promise<OrbAnswer> {
    await this.methods.list(customer?.id ?? '');
    return { status: 204, body: null };
  }

  @Handles(PAYMENT_METHODS.setDefault)
  setDefault(method: MethodRef): Promise<PaymentMethodView> {
    return this.methods.setDefault(method.organization_id, method.payment_method_id);
  }

  @Handles(PAYMENT_METHODS.detach)
  detach(method: MethodRef): Promise<PaymentMethodView> {
    return this.methods.detach(method.organization_id, method.payment_method_id);
  }

  @Handles(PAYMENT_METHODS.setup)
  setup(request: SetupPageRequest): Promise<SetupPage> {
    return this.methods.setup(request);
  }
}
