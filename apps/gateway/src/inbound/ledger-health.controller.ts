import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { LedgerHealth } from '@orbit/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CheckLedger } from '../application/ledger-health.js';
import { ApiErrors } from './api-docs.js';

type OpenBreach = Omit<LedgerHealth['breaches'][number], 'organization_id' | 'wallet_id'>;

/** Open to monitoring: when each check of the books was last true. Who is behind a number is the operator's. */
@ApiTags('Health')
@Controller('health')
export class LedgerHealthController {
  constructor(private readonly checkLedger: CheckLedger) {}

  @Get('ledger')
  @ApiOperation({
    summary: 'Whether the books hold: 200 when every check was true lately, else 503',
    description: 'With the operator key, breaches name their organization and wallet.',
  })
  @ApiErrors('unavailable', 'timeout')
  async read(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Omit<LedgerHealth, 'breaches'> & { breaches: readonly OpenBreach[] }> {
    const health = await this.checkLedger.health();
    if (!health.holds) reply.code(503);
    return request.isOperator ? health : { ...health, breaches: health.breaches.map(anonymous) };
  }
}

function anonymous({ currency, check, fact, expected, actual, since }: OpenBreach): OpenBreach {
  return { currency, check, fact, expected, actual, since };
}
