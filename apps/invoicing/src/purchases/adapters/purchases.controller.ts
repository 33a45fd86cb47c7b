import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeBlockInvoices } from '../application/block-invoices.js';
import { BuyCredits } from '../application/buy-credits.js';
import { ServeTopUps } from '../application/serve-top-ups.js';

/** Credit that is bought, as the gateway calls it. */
@Controller()
export class PurchasesController {
  constructor(
    private readonly purchases: BuyCredits,
    private readonly topUps: ServeTopUps,
    private readonly blockInvoices: ServeBlockInvoices,
  ) {}

  /** Increments with an invoice; the ledger answers all others. */
  @MessagePattern(orbPattern('create-ledger-entry'))
  buy(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.purchases.create(call);
  }

  @MessagePattern(orbPattern('list-top-ups'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.topUps.list(call);
  }

  @MessagePattern(orbPattern('create-top-up'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.topUps.create(call);
  }

  @MessagePattern(orbPattern('delete-top-up'))
  delete(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.topUps.delete(call);
  }

  @MessagePattern(orbPattern('find-credit-block-owner'))
  findOwner(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.blockInvoices.findOwner(call);
  }

  @MessagePattern(orbPattern('list-credit-block-invoices'))
  listInvoices(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.blockInvoices.list(call);
  }
}
