import { Body, Controller, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { OrbitError } from '@orbit/contracts';
import { formatAmount } from '@orbit/money';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SpendWallet } from './spend-wallet.js';
import { decidedChargeView } from '../../edge/requests/charge-view.js';
import { readChargeRequest, withPriceTag } from './charge-request.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { ChargeBody, ChargeModel } from './charges.models.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { PriceCharges, type PriceTag } from '../../edge/rates/price-charges.js';

@ApiTags('Charges')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/charges')
export class ChargesController {
  constructor(
    private readonly spendWallet: SpendWallet,
    private readonly prices: PriceCharges,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Charge the wallet: authorize and capture in one request' })
  @ApiQuery({
    name: 'wait',
    required: false,
    enum: ['posted'],
    description: 'Answer when the charge is in the books, with the new balance.',
  })
  @ApiBody({ type: ChargeBody })
  @ApiAnswer(201, ChargeModel, 'The charge is accepted, or posted.', { isReplayable: true })
  @ApiErrors('malformed_json', 'invalid_field', 'unknown_field', 'unsupported_currency')
  @ApiErrors('insufficient_funds', 'outbound_paused', 'charge_id_conflict')
  async charge(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Query('wait') wait: unknown,
    @Body() body: unknown,
  ): Promise<Envelope<ChargeModel>> {
    const { principal } = request;
    const isPatient = isWaiting(wait);
    const spend = async (inAmount: unknown, tag: PriceTag | null) => {
      const charge = withPriceTag(readChargeRequest(inAmount), tag);
      const charged = isPatient
        ? await this.spendWallet.chargeAndWait(principal, charge)
        : await this.spendWallet.charge(principal, charge);
      return { charge, charged };
    };
    const { result, view } = await this.prices.spend(principal.organizationId, body, spend);
    const { charge, charged } = result;
    if ('outcome' in charged) {
      if (charged.isReplayed) reply.header('idempotency-replayed', 'true');
      const decided = decidedChargeView(charged.outcome);
      return this.envelopes.wrap(request, view ? { ...decided, price: view } : decided);
    }
    if (charged.replayed) reply.header('idempotency-replayed', 'true');
    const { currency = charge.currency, allowance } = charged;
    return this.envelopes.wrap(request, {
      charge_id: charged.chargeId,
      status: 'accepted',
      amount: formatAmount(charged.amountMicros, currency),
      currency,
      authorization_id: charged.authorizationId,
      ...(allowance && { from_plan: allowance }),
      ...(view && { price: view }),
      available_after: formatAmount(charged.availableAfterMicros, currency),
    });
  }
}

function isWaiting(wait: unknown): boolean {
  if (wait === undefined) return false;
  if (wait === 'posted') return true;
  throw new OrbitError('invalid_field', 'wait is "posted" or absent.', { param: 'wait' });
}
