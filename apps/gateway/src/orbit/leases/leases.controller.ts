import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Req,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiParam, ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  LeaseBody,
  LeaseRenewalBody,
  LEASES,
  LeasesQuery,
  OrbitError,
  ShownLease,
  ShownLeasePage,
  unknownCursor,
  type LeaseAnswer,
  type LeaseRef,
  type LeaseView,
} from '@orbit/contracts';
import { invariant } from '@orbit/kernel';
import { formatAmount, isCurrency, requireAmount } from '@orbit/money';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import type { Principal } from '../../edge/ports.js';
import { readIdempotencyKey } from '../../edge/requests/idempotency-key.js';
import { ownWallet } from '../../edge/requests/organization-wallets.js';
import { BodyOf, QueryOf } from '../../edge/requests/shape-params.js';
import { requireCurrency } from '../../edge/requests/wallet-unit.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';
import { readNoFields } from '../charges/charge-request.js';

const SECOND_MS = 1_000;
/** `lease_` and a ULID; what has another form names no lease of anybody. */
const LEASE_ID = /^lease_[0-9A-HJKMNP-TV-Z]{26}$/;
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
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Post()
  @ApiIdempotencyKey()
  @ApiOf(LEASES.open, {
    summary: 'Open a lease: set an amount aside for one spender, for a limited time',
    status: 201,
    answers: 'The amount is set aside.',
    shows: ShownLease,
    isReplayable: true,
    reads: 'body',
  })
  async open(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') key: string | undefined,
    @BodyOf(LeaseBody) body: LeaseBody,
  ): Promise<Envelope<ShownLease>> {
    const wallet = ownWallet(request.principal, body.currency);
    const reference = readIdempotencyKey(key);
    requireCurrency(request.principal, wallet.currency);
    const answer = await this.clients.leases.open({
      ...wallet,
      amount: body.amount,
      ttl_ms: body.ttl_seconds * SECOND_MS,
      holder: body.holder ?? null,
      reference,
    });
    return this.answer(request, reply, answer);
  }

  @Get()
  @ApiOf(LEASES.list, {
    summary: 'List leases of the organization, newest first',
    answers: 'One page.',
    shows: ShownLeasePage,
    reads: 'query',
  })
  async list(
    @Req() request: FastifyRequest,
    @QueryOf(LeasesQuery) { limit, cursor, state }: LeasesQuery,
  ): Promise<Envelope<ShownLeasePage>> {
    if (cursor !== undefined && !LEASE_ID.test(cursor)) throw unknownCursor();
    const page = await this.clients.leases.list({
      ...ownWallet(request.principal),
      limit,
      ...(cursor === undefined ? {} : { after_id: cursor }),
      ...(state === undefined ? {} : { state }),
    });
    const last = page.leases.at(-1);
    return this.envelopes.wrap(request, {
      leases: page.leases.map(shownLease),
      next_cursor: page.has_more && last ? last.lease_id : null,
      has_more: page.has_more,
    });
  }

  @Get(':lease_id')
  @ApiParam({ name: 'lease_id', schema: { type: 'string' } })
  @ApiOf(LEASES.read, {
    summary: 'Get a lease',
    answers: 'The lease.',
    shows: ShownLease,
    errors: ['not_found'],
  })
  async read(
    @Req() request: FastifyRequest,
    @Param('lease_id') id: string,
  ): Promise<Envelope<ShownLease>> {
    const lease = await this.clients.leases.read(toRef(request.principal, id));
    if (!lease) throw notFound();
    return this.envelopes.wrap(request, shownLease(lease));
  }

  @Post(':lease_id/renew')
  @HttpCode(200)
  @ApiParam({ name: 'lease_id', schema: { type: 'string' } })
  @ApiIdempotencyKey()
  @ApiOf(LEASES.renew, {
    summary: 'Renew an open lease: add money, time, or both',
    answers: 'The lease as it is now.',
    shows: ShownLease,
    isReplayable: true,
    reads: 'body',
  })
  async renew(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('idempotency-key') key: string | undefined,
    @Param('lease_id') id: string,
    @BodyOf(LeaseRenewalBody) { amount, ttl_seconds: ttlSeconds }: LeaseRenewalBody,
  ): Promise<Envelope<ShownLease>> {
    if (amount === undefined && ttlSeconds === undefined) {
      throw new OrbitError('invalid_field', 'Give amount, ttl_seconds or both.', {
        param: 'amount',
      });
    }
    const reference = readIdempotencyKey(key);
    const answer = await this.clients.leases.renew({
      ...toRef(request.principal, id),
      ...(amount === undefined ? {} : { amount }),
      ...(ttlSeconds === undefined ? {} : { ttl_ms: ttlSeconds * SECOND_MS }),
      reference,
    });
    return this.answer(request, reply, answer);
  }

  @Post(':lease_id/close')
  @HttpCode(200)
  @ApiParam({ name: 'lease_id', schema: { type: 'string' } })
  @ApiOf(LEASES.close, {
    summary: 'Close a lease and return its unspent amount',
    answers: '`closed`, or `closing` while sent charges are still being read.',
    shows: ShownLease,
    isReplayable: true,
    errors: ['malformed_json', 'unknown_field'],
  })
  async close(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('lease_id') id: string,
    @Body() body: unknown,
  ): Promise<Envelope<ShownLease>> {
    readNoFields(body);
    const answer = await this.clients.leases.close(toRef(request.principal, id));
    return this.answer(request, reply, answer);
  }

  private answer(
    request: FastifyRequest,
    reply: FastifyReply,
    { lease, replayed }: LeaseAnswer,
  ): Envelope<ShownLease> {
    if (replayed) reply.header('idempotency-replayed', 'true');
    return this.envelopes.wrap(request, shownLease(lease));
  }
}

/** Another organization's lease looks as if it were not there. */
function toRef({ organizationId }: Principal, leaseId: string): LeaseRef {
  if (!LEASE_ID.test(leaseId)) throw notFound();
  return { organization_id: organizationId, lease_id: leaseId };
}

const notFound = (): OrbitError => new OrbitError('not_found', 'There is no such lease.');

function shownLease({ organization_id: _organization, ...lease }: LeaseView): ShownLease {
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
