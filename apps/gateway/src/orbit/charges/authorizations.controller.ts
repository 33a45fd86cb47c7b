import { Body, Controller, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiParam, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { OrbitError } from '@orbit/contracts';
import { formatAmount, micros, ZERO_MICROS } from '@orbit/money';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SpendWallet } from './spend-wallet.js';
import {
  readAuthorizationRequest,
  withPriceTag,
  readCaptureRequest,
  readNoFields,
} from './charge-request.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import {
  AuthorizationBody,
  AuthorizationModel,
  CaptureBody,
  EndedAuthorizationModel,
} from './charges.models.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { PriceCharges, type PriceTag } from '../../edge/rates/price-charges.js';

/** Ours carry the charge id, of up to 255 characters, in base64, and what a plan pays. */
const AUTHORIZATION_ID = /^[!-~]{1,600}$/;

@ApiTags('Charges')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@ApiErrors('malformed_json', 'invalid_field', 'unknown_field')
@Controller('api/v1/billing/authorizations')
export class AuthorizationsController {
  constructor(
    private readonly spendWallet: SpendWallet,
    private readonly prices: PriceCharges,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @ApiOperation({ summary: 'Hold an amount until it is captured, released or expires' })
  @ApiBody({ type: AuthorizationBody })
  @ApiAnswer(201, AuthorizationModel, 'The amount is held.', { isReplayable: true })
  @ApiErrors('unsupported_currency', 'insufficient_funds', 'outbound_paused', 'charge_id_conflict')
  async authorize(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Body() body: unknown,
  ): Promise<Envelope<AuthorizationModel>> {
    const { principal } = request;
    const hold = async (inAmount: unknown, tag: PriceTag | null) => {
      const asked = readAuthorizationRequest(inAmount);
      const authorization = withPriceTag(asked, tag);
      return { authorization, held: await this.spendWallet.authorize(principal, authorization) };
    };
    const { result, view } = await this.prices.spend(principal.organizationId, body, hold);
    const { authorization, held } = result;
    if (held.replayed) reply.header('idempotency-replayed', 'true');
    const { currency = authorization.currency, allowance } = held;
    return this.envelopes.wrap(request, {
      authorization_id: held.authorizationId,
      charge_id: held.chargeId,
      amount: formatAmount(held.amountMicros, currency),
      currency,
      ...(allowance && { from_plan: allowance }),
      ...(view && { price: view }),
      available_after: formatAmount(held.availableAfterMicros, currency),
      expires_at: new Date(held.expiresAtMs).toISOString(),
    });
  }

  @Post(':authorization_id/capture')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Capture the held amount or less; the rest is released',
    description:
      '`amount` is a part of the amount that was authorized, in its currency. What a plan covers of it is taken first, in whole units.',
  })
  @ApiParam({ name: 'authorization_id', schema: { type: 'string' } })
  @ApiBody({ type: CaptureBody, required: false })
  @ApiAnswer(200, EndedAuthorizationModel, 'The charge will be posted.', { isReplayable: true })
  @ApiErrors('not_found', 'authorization_captured', 'authorization_released', 'hold_expired')
  @ApiErrors('capture_exceeds_hold')
  async capture(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('authorization_id') id: string,
    @Body() body: unknown,
  ): Promise<Envelope<EndedAuthorizationModel>> {
    const amountMicros = readCaptureRequest(body);
    const ended = await this.spendWallet.capture(request.principal, readId(id), amountMicros);
    if (ended.replayed) reply.header('idempotency-replayed', 'true');
    const { currency } = ended;
    const heldMicros = micros(ended.amountMicros + ended.returnedMicros);
    return this.envelopes.wrap(request, {
      authorization_id: ended.authorizationId,
      charge_id: ended.chargeId,
      amount: formatAmount(heldMicros, currency),
      currency,
      captured: formatAmount(ended.amountMicros, currency),
      released: formatAmount(ended.returnedMicros, currency),
      status: 'captured',
    });
  }

  @Post(':authorization_id/release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Release the whole hold' })
  @ApiParam({ name: 'authorization_id', schema: { type: 'string' } })
  @ApiAnswer(200, EndedAuthorizationModel, 'The hold is free again.', { isReplayable: true })
  @ApiErrors('not_found', 'authorization_captured', 'hold_expired')
  async release(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('authorization_id') id: string,
    @Body() body: unknown,
  ): Promise<Envelope<EndedAuthorizationModel>> {
    readNoFields(body);
    const ended = await this.spendWallet.release(request.principal, readId(id));
    if (ended.replayed) reply.header('idempotency-replayed', 'true');
    const { currency } = ended;
    return this.envelopes.wrap(request, {
      authorization_id: ended.authorizationId,
      charge_id: ended.chargeId,
      amount: formatAmount(ended.amountMicros, currency),
      currency,
      captured: formatAmount(ZERO_MICROS, currency),
      released: formatAmount(ended.amountMicros, currency),
      status: 'released',
    });
  }
}

function readId(id: string): string {
  if (AUTHORIZATION_ID.test(id)) return id;
  throw new OrbitError('not_found', 'There is no such authorization.');
}
