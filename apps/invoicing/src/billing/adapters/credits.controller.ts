import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { ServeCreditNotes } from '../application/serve-credit-notes.js';
import { ServeBalance } from '../application/serve-balance.js';

/** Credit notes and customer balances as the gateway calls them. */
@Controller()
export class CreditsController {
  constructor(
    private readonly notes: ServeCreditNotes,
    private readonly balances: ServeBalance,
  ) {}

  @MessagePattern(orbPattern('create-credit-note'))
  createNote(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.notes.create(call);
  }

  @MessagePattern(orbPattern('fetch-credit-note'))
  fetchNote(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.notes.fetch(call);
  }

  @MessagePattern(orbPattern('list-credit-notes'))
  listNotes(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.notes.list(call);
  }

  @MessagePattern(orbPattern('create-customer-balance-transaction'))
  createTransaction(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.balances.create(call);
  }

  @MessagePattern(orbPattern('list-balance-transactions'))
  listTransactions(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.balances.list(call);
  }
}
