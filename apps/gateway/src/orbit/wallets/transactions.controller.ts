import { Controller, Get, Inject, Req } from '@nestjs/common';
import { ApiSecurity, ApiTags } from '@nestjs/swagger';
import {
  OrbitError,
  ShownTransactionPage,
  toInstant,
  TRANSACTIONS,
  TransactionsQuery,
  unknownCursor,
} from '@orbit/contracts';
import type { FastifyRequest } from 'fastify';
import {
  decodeCursor,
  encodeCursor,
  isCursorId,
  isCursorInstant,
} from '../../edge/requests/transaction-cursor.js';
import { ApiErrors } from '../../edge/docs/api-docs.js';
import { ApiOf } from '../../edge/docs/api-operation.js';
import { Envelopes, type Envelope } from '../../edge/http/envelope.js';
import { ownWallet } from '../../edge/requests/organization-wallets.js';
import { QueryOf } from '../../edge/requests/shape-params.js';
import { CLIENTS, type Clients } from '../../edge/rpc/clients.js';

@ApiTags('Wallet')
@ApiSecurity('api_key')
@ApiErrors('missing_api_key', 'invalid_api_key', 'rate_limited', 'unavailable', 'timeout')
@Controller('api/v1/billing/transactions')
export class TransactionsController {
  constructor(
    @Inject(CLIENTS) private readonly clients: Clients,
    private readonly envelopes: Envelopes,
  ) {}

  @Get()
  @ApiOf(TRANSACTIONS.list, {
    summary: 'List the entries of the wallet, newest first; pages are stable under inserts',
    answers: 'One page.',
    shows: ShownTransactionPage,
    reads: 'query',
  })
  async list(
    @Req() request: FastifyRequest,
    @QueryOf(TransactionsQuery) query: TransactionsQuery,
  ): Promise<Envelope<ShownTransactionPage>> {
    const { type, channel, from, to } = query;
    const afterId = readCursor(query);
    const range = readRange(from, to);
    const { transactions, has_more } = await this.clients.transactions
      .list({
        ...ownWallet(request.principal),
        limit: query.limit,
        ...(afterId === undefined ? {} : { after_id: afterId }),
        ...(type === undefined ? {} : { type }),
        ...(channel === undefined ? {} : { channel }),
        ...range,
      })
      .catch((error: unknown) => {
        throw inTheirWords(error, query);
      });
    const last = transactions.at(-1);
    const next = has_more && last ? { cursor_ts: last.created_at, cursor_id: last.id } : null;
    return this.envelopes.wrap(request, {
      transactions,
      next_cursor: next,
      cursor: next && encodeCursor(next),
      has_more,
    });
  }
}

/** Either spelling of the cursor, not both; the id alone says where the page starts. */
function readCursor({ cursor, cursor_ts, cursor_id }: TransactionsQuery): string | undefined {
  if (cursor !== undefined) {
    if (cursor_ts !== undefined || cursor_id !== undefined) {
      throw invalid('cursor', 'Give cursor, or cursor_ts with cursor_id, not both.');
    }
    const decoded = decodeCursor(cursor);
    if (!decoded) throw unknownCursor();
    return decoded.cursor_id;
  }
  if (cursor_ts === undefined && cursor_id === undefined) return undefined;
  if (cursor_ts === undefined || !isCursorInstant(cursor_ts)) {
    throw invalid('cursor_ts', 'cursor_ts goes with cursor_id and is an ISO 8601 instant in UTC.');
  }
  if (cursor_id === undefined || !isCursorId(cursor_id)) {
    throw invalid('cursor_id', 'cursor_id goes with cursor_ts and is the id of a transaction.');
  }
  return cursor_id;
}

/** The ledger knows one cursor; the caller may have given it by its halves. */
function inTheirWords(error: unknown, { cursor_id }: TransactionsQuery): unknown {
  const isCursor = error instanceof OrbitError && error.param === 'cursor';
  return isCursor && cursor_id !== undefined ? unknownCursor('cursor_id') : error;
}

function readRange(
  from: string | undefined,
  to: string | undefined,
): { from?: string; to?: string } {
  const start = from === undefined ? null : toInstant(from);
  const end = to === undefined ? null : toInstant(to);
  if (start !== null && end !== null && start >= end) throw invalid('to', 'to is after from.');
  return { ...(start === null ? {} : { from: start }), ...(end === null ? {} : { to: end }) };
}

function invalid(param: string, message: string): OrbitError {
  return new OrbitError('invalid_field', message, { param });
}
