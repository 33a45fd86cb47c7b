import {
  OrbitError,
  REFUND_RESERVES,
  rpcClient,
  type Client,
  type ReserveRefund,
  type Transport,
} from '@orbit/contracts';
import { formatAmount, requireAmount, ZERO_MICROS, type Micros } from '@orbit/money';
import type { RefundLedger, SetAside } from '../application/ports.js';
import type { TopUp } from '../../topups/domain/topup.js';

export class RpcRefundLedger implements RefundLedger {
  private readonly ledger: Client<typeof REFUND_RESERVES>;

  constructor(rpc: Transport) {
    this.ledger = rpcClient(REFUND_RESERVES, rpc);
  }

  async reserve(topup: TopUp, refundId: string, amount: Micros | null): Promise<SetAside> {
    const request: ReserveRefund = {
      organization_id: topup.organizationId,
      currency: topup.currency,
      topup_id: topup.id,
      refund_id: refundId,
      amount: amount === null ? null : formatAmount(amount, topup.currency),
    };
    try {
      const answer = await this.ledger.reserve(request);
      return { status: 'reserved', micros: requireAmount(answer.reserved) };
    } catch (error) {
      if (!(error instanceof OrbitError)) throw error;
      if (error.code === 'refund_exceeds_unspent' || error.code === 'insufficient_funds') {
        const max = error.details?.['max_refundable'];
        const refundable = typeof max === 'string' ? requireAmount(max) : ZERO_MICROS;
        return { status: 'refused', reason: error.code, refundable };
      }
      // Paid, and not yet in the books: it will be.
      if (error.code === 'not_found') {
        throw new OrbitError('unavailable', 'The payment is not in the books yet. Try again.', {
          retryAfterSeconds: 1,
          cause: error,
        });
      }
      throw error;
    }
  }
}
