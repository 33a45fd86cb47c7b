import { Controller } from '@nestjs/common';
import {
  OrbitError,
  REFUNDS,
  type CreateRefund,
  type DisputeListQuery,
  type DisputePage,
  type RefundListQuery,
  type RefundPage,
  type RefundView,
} from '@orbit/contracts';
import { Handles } from '@orbit/runtime';
import { RelayWake } from '../../topups/adapters/wakes.js';
import { ReadClawbacks } from '../application/read-clawbacks.js';
import { RequestRefund } from '../application/request-refund.js';

/** Money that goes back, as the gateway asks for it. */
@Controller()
export class RefundsController {
  constructor(
    private readonly requestRefund: RequestRefund,
    private readonly readClawbacks: ReadClawbacks,
    private readonly relay: RelayWake,
  ) {}

  @Handles(REFUNDS.create)
  async create(request: CreateRefund): Promise<RefundView> {
    const view = await this.requestRefund.run(request);
    this.relay.ring();
    return view;
  }

  @Handles(REFUNDS.read)
  async read(refund: {
    readonly organization_id: string;
    readonly refund_id: string;
  }): Promise<RefundView> {
    const view = await this.readClawbacks.read(refund.organization_id, refund.refund_id);
    if (view !== null) return view;
    throw new OrbitError('not_found', 'There is no such refund in your organization.');
  }

  @Handles(REFUNDS.list)
  list(query: RefundListQuery): Promise<RefundPage> {
    return this.readClawbacks.list(query);
  }

  @Handles(REFUNDS.listDisputes)
  listDisputes(query: DisputeListQuery): Promise<DisputePage> {
    return this.readClawbacks.listDisputes(query);
  }
}
