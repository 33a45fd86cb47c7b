import { Body, Controller, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { OrbitError } from '@orbit/contracts';
import { formatAmount } from '@orbit/money';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SpendWallet } from './spend-wallet.js';
import { decidedChargeView } from './charge-view.js';
import { readChargeRequest, withPriceTag } from './charge-request.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { ChargeBody, ChargeModel } from './charges.models.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { PriceCharges, tagOf } from '../../edge/rates/price-charges.js';

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
    const priced = await this.prices.rate(principal.organizationId, body);
    const asked = readChargeRequest(priced ? priced.body : body);
    const charge = withPriceTag(asked, priced && tagOf(priced.view));
    const charged = isWaiting(wait)
      ? await this.spendWallet.chargeAndWait(principal, charge)
      : await this.spendWallet.charge(principal, charge);
    if ('outcome' in charged) {
      if (charged.isReplayed) reply.header('idempotency-replayed', 'true');
      const decided = decidedChargeView(charged.outcome);
      const shown = priced ? { ...decided, price: priced.view } : decided;
      return this.envelopes.wrap(request, shown);
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
      ...(priced && { price: priced.view }),
      available_after: formatAmount(charged.availableAfterMicros, currency),
    });
  }
}

function isWaiting(wait: unknown): boolean {
  if (wait === undefined) return false;
  if (wait === 'posted') return true;
  throw new OrbitError('invalid_field', 'wait is "posted" or absent.', { param: 'wait' });
}
