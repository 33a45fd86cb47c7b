import { Controller } from '@nestjs/common';
import {
  OrbitError,
  TOP_UPS,
  type ChargeTopUp,
  type CreateTopUp,
  type ResolveTopUp,
  type TopUpCreated,
  type TopUpListQuery,
  type TopUpPage,
  type TopUpView,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { CreateTopUpSession } from '../application/create-topup.js';
import { ChargeTopUpNow } from '../application/charge-topup.js';
import { ParkedTopUps } from '../application/parked-topups.js';
import { RelayWake } from './wakes.js';

/** Payments into wallets, as the gateway asks for them. */
@Controller()
export class TopUpController {
  constructor(
    private readonly createTopUp: CreateTopUpSession,
    private readonly chargeTopUp: ChargeTopUpNow,
    private readonly parked: ParkedTopUps,
    private readonly relay: RelayWake,
  ) {}

  @Handles(TOP_UPS.create)
  create(request: CreateTopUp): Promise<TopUpCreated> {
    return this.createTopUp.run(request);
  }

  @Handles(TOP_UPS.charge)
  async charge(request: ChargeTopUp): Promise<TopUpView> {
    const view = await this.chargeTopUp.run(request);
    this.relay.ring();
    return view;
  }

  @Handles(TOP_UPS.read)
  async read(topup: {
    readonly organization_id: string;
    readonly topup_id: string;
  }): Promise<TopUpView> {
    const view = await this.parked.read(topup.organization_id, topup.topup_id);
    if (view !== null) return view;
    throw new OrbitError('not_found', 'There is no such top-up in your organization.');
  }

  @Handles(TOP_UPS.list)
  list(query: TopUpListQuery): Promise<TopUpPage> {
    return this.parked.list(query);
  }

  @Handles(TOP_UPS.resolve)
  async resolve(request: ResolveTopUp): Promise<TopUpView> {
    const view = await this.parked.resolve(request);
    this.relay.ring();
    return view;
  }
}
