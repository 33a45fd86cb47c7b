import { Controller, Get, Param, Req } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { EXPLAIN, ShownExplanation } from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import { ExplainCharge } from './explain-charge.js';
import { readChargeId } from '../charges/charge-request.js';
import type { ChargeView } from './explanation-view.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { ChargeModel } from '../charges/charges.models.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';

@ApiTags('Charges')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/charges')
export class ExplainController {
  constructor(
    private readonly explainCharge: ExplainCharge,
    private readonly envelopes: Envelopes,
  ) {}

  @Get(':charge_id')
  @ApiOperation({
    summary: 'Get a charge: its entry in the books, or its state before it is posted',
  })
  @ApiParam({ name: 'charge_id', schema: { type: 'string' } })
  @ApiAnswer(200, ChargeModel, 'The charge: decided, or on its way.')
  @ApiErrors('not_found', 'invalid_field')
  async read(
    @Req() request: FastifyRequest,
    @Param('charge_id') chargeId: string,
  ): Promise<Envelope<ChargeView>> {
    const charge = await this.explainCharge.read(request.principal, readChargeId(chargeId));
    return this.envelopes.wrap(request, charge);
  }

  @Get(':charge_id/explain')
  @ApiParam({ name: 'charge_id', schema: { type: 'string' } })
  @ApiOf(EXPLAIN.charge, {
    summary: 'Explain a charge: its entries, the credit that paid it, and the proof of both',
    answers: 'Everything that is known of the charge.',
    shows: ShownExplanation,
    errors: ['not_found', 'invalid_field'],
  })
  async explain(
    @Req() request: FastifyRequest,
    @Param('charge_id') chargeId: string,
  ): Promise<Envelope<ShownExplanation>> {
    const explained = await this.explainCharge.explain(request.principal, readChargeId(chargeId));
    return this.envelopes.wrap(request, explained);
  }
}
