import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { orbPattern, type OrbAnswer, type OrbCall } from '@orbit/contracts';
import { DeleteCreditBlock } from '../application/delete-credit-block.js';
import { ServeCreditBlocks } from '../application/serve-credit-blocks.js';
import { ServeCredits } from '../application/serve-credits.js';
import { ServeLedgerEntry } from '../application/serve-ledger-entry.js';

/** The operations of credits as the gateway calls them. */
@Controller()
export class CreditsController {
  constructor(
    private readonly credits: ServeCredits,
    private readonly entries: ServeLedgerEntry,
    private readonly blocks: ServeCreditBlocks,
    private readonly deletion: DeleteCreditBlock,
  ) {}

  @MessagePattern(orbPattern('fetch-customer-credits'))
  list(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.credits.listBlocks(call);
  }

  @MessagePattern(orbPattern('fetch-customer-credits-ledger'))
  ledger(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.credits.listLedger(call);
  }

  @MessagePattern(orbPattern('create-ledger-entry'))
  create(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.entries.create(call);
  }

  @MessagePattern(orbPattern('find-credit-block-owner'))
  findOwner(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.blocks.findOwner(call);
  }

  @MessagePattern(orbPattern('fetch-credit-block'))
  fetchBlock(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.blocks.fetch(call);
  }

  @MessagePattern(orbPattern('update-credit-block'))
  updateBlock(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.blocks.update(call);
  }

  @MessagePattern(orbPattern('delete-credit-block'))
  deleteBlock(@Payload() call: OrbCall): Promise<OrbAnswer> {
    return this.deletion.run(call);
  }
}
