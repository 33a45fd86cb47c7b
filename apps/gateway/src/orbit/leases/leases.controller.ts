import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiParam, ApiSecurity, ApiTags } from '@nestjs/swagger';
import { OrbitError, type LeaseAnswer, type LeaseView } from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { formatAmount, isCurrency, requireAmount } from '@orbit/money';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UseLeases } from './use-leases.js';
import { readCurrency, readNoFields } from '../charges/charge-request.js';
import { ApiAnswer, ApiErrors } from '../../edge/docs/api-docs.js';
import { DtoReader } from '../../edge/requests/dto-reader.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import {
  LeaseBody,
  LeaseModel,
  LeasePageModel,
  LeaseRenewalBody,
  LeasesQuery,
} from './leases.models.js';

const SECOND_MS = 1_000;
const ApiIdempotencyKey = (): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    required: true,
    description: '8 to 255 visible characters. The same key sets the money aside once.',
    schema: { type: 'string', minLength: 8, maxLength: 255, example: 'lease-sender-7-0001' },
  });

/** Money set aside for one process, which then authorizes from its memory (`SpendLease` of @orbit/spend). */
@ApiTags('Leases')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/leases')
export class LeasesController {
  constructor(
    private readonly useLeases: UseLeases,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Open a lease: set an amount aside for one spender, for a limited time',
  })
  @ApiIdempotencyKey()
  @ApiAnswer(201, LeaseModel, 'The amount is set aside.', { isReplayable: true })
  @ApiErrors('malformed_json', 'invalid_field', 'unknown_field', 'unsupported_currency')
  @ApiErrors('insufficient_funds', 'outbound_paused', 'idempotency_key_conflict', 'conflict')
  async open(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') key: string | undefined,
    @Body(new DtoReader(LeaseBody)) body: LeaseBody,
  ): Promise<Envelope<LeaseModel>> {
    const { principal } = request;
    const answer = await this.useLeases.open(principal, {
      amount: body.amount,
      currency: body.currency === undefined ? principal.currency : readCurrency(body.currency),
      ttlMs: body.ttl_seconds * SECOND_MS,
      holder: body.holder ?? null,
      idempotencyKey: readIdempotencyKey(key),
    });
    return this.answer(request, reply, answer);
  }

  @Get()
  @ApiOperation({ summary: 'List leases of the organization, newest first' })
  @ApiAnswer(200, LeasePageModel, 'One page.')
  @ApiErrors('invalid_field', 'unknown_field')
  async list(
    @Req() request: FastifyRequest,
    @Query(new DtoReader(LeasesQuery)) query: LeasesQuery,
  ): Promise<Envelope<LeasePageModel>> {
    const { limit, cursor, state } = query;
    const page = await this.useLeases.list(request.principal, {
      limit,
      ...(cursor === undefined ? {} : { afterId: cursor }),
      ...(state === undefined ? {} : { state }),
    });
    const last = page.leases.at(-1);
    return this.envelopes.wrap(request, {
      leases: page.leases.map(toModel),
      next_cursor: page.has_more && last ? last.lease_id : null,
      has_more: page.has_more,
    });
  }

  @Get(':lease_id')
  @ApiOperation({ summary: 'Get a lease' })
  @ApiParam({ name: 'lease_id', schema: { type: 'string' } })
  @ApiAnswer(200, LeaseModel, 'The lease.')
  @ApiErrors('not_found')
  async read(
    @Req() request: FastifyRequest,
    @Param('lease_id') id: string,
  ): Promise<Envelope<LeaseModel>> {
    return this.envelopes.wrap(request, toModel(await this.useLeases.read(request.principal, id)));
  }

  @Post(':lease_id/renew')
  @HttpCode(200)
  @ApiOperation({ summary: 'Renew an open lease: add money, time, or both' })
  @ApiParam({ name: 'lease_id', schema: { type: 'string' } })
  @ApiIdempotencyKey()
  @ApiAnswer(200, LeaseModel, 'The lease as it is now.', { isReplayable: true })
  @ApiErrors('malformed_json', 'invalid_field', 'unknown_field', 'not_found')
  @ApiErrors('insufficient_funds', 'outbound_paused', 'idempotency_key_conflict', 'conflict')
  async renew(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') key: string | undefined,
    @Param('lease_id') id: string,
    @Body(new DtoReader(LeaseRenewalBody)) body: LeaseRenewalBody,
  ): Promise<Envelope<LeaseModel>> {
    const { amount, ttl_seconds: ttlSeconds } = body;
    if (amount === undefined && ttlSeconds === undefined) {
      throw new OrbitError('invalid_field', 'Give amount, ttl_seconds or both.', {
        param: 'amount',
      });
    }
    const answer = await this.useLeases.renew(request.principal, id, {
      ...(amount === undefined ? {} : { amount }),
      ...(ttlSeconds === undefined ? {} : { ttlMs: ttlSeconds * SECOND_MS }),
      idempotencyKey: readIdempotencyKey(key),
    });
    return this.answer(request, reply, answer);
  }

  @Post(':lease_id/close')
  @HttpCode(200)
  @ApiOperation({ summary: 'Close a lease and return its unspent amount' })
  @ApiParam({ name: 'lease_id', schema: { type: 'string' } })
  @ApiAnswer(200, LeaseModel, '`closed`, or `closing` while sent charges are still being read.', {
    isReplayable: true,
  })
  @ApiErrors('malformed_json', 'unknown_field', 'not_found')
  async close(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('lease_id') id: string,
    @Body() body: unknown,
  ): Promise<Envelope<LeaseModel>> {
    readNoFields(body);
    return this.answer(request, reply, await this.useLeases.close(request.principal, id));
  }

  private answer(
    request: FastifyRequest,
    reply: FastifyReply,
    { lease, replayed }: LeaseAnswer,
  ): Envelope<LeaseModel> {
    if (replayed) reply.header('idempotency-replayed', 'true');
    return this.envelopes.wrap(request, toModel(lease));
  }
}

function toModel({ organization_id: _organization, ...lease }: LeaseView): LeaseModel {
  const { currency } = lease;
  invariant(isCurrency(currency), 'the ledger answers currencies that it knows');
  const exact = (text: string): string => formatAmount(requireAmount(text), currency);
  return {
    ...lease,
    granted: exact(lease.granted),
    spent: exact(lease.spent),
    remaining: exact(lease.remaining),
    returned: exact(lease.returned),
  };
}
