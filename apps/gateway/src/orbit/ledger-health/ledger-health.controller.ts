import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExtraModels, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { ShownLedgerHealth, type LedgerHealth } from '@orbit/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ApiErrors, ErrorEnvelopeModel } from '../../edge/docs/api-docs.js';
import { modelOf } from '../../edge/docs/shape-model.js';
import { CheckLedger } from './ledger-health.js';

const LedgerHealthModel = modelOf(ShownLedgerHealth);
const HEALTH = { $ref: getSchemaPath(LedgerHealthModel) };

/** Open to monitoring: when each check of the books was last true, and what is stalled. Who is behind a number is the operator's. */
@ApiTags('Health')
@Controller('health')
export class LedgerHealthController {
  constructor(private readonly checkLedger: CheckLedger) {}

  @Get('ledger')
  @ApiOperation({
    summary:
      'Whether the books hold and move: 200 when every check was true lately and nothing is stalled, else 503',
    description:
      '`reasons` says why it is `degraded`: a check, a frozen wallet, or something in `stalls`, such as a partition whose charges wait unposted. With the operator key, breaches name their organization and wallet, and stalls what was wrong.',
  })
  @ApiExtraModels(LedgerHealthModel)
  @ApiErrors('timeout')
  @ApiResponse({ status: 200, description: 'Every check was true lately.', schema: HEALTH })
  @ApiResponse({
    status: 503,
    description: '`degraded`, or the ledger does not say how it is (`unavailable`).',
    schema: { oneOf: [HEALTH, { $ref: getSchemaPath(ErrorEnvelopeModel) }] },
  })
  async read(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ShownLedgerHealth> {
    const health = await this.checkLedger.health();
    if (health.status !== 'ok') reply.code(503);
    if (request.isOperator) return health;
    const { breaches, stalls } = health;
    return { ...health, breaches: breaches.map(anonymous), stalls: stalls.map(withoutDetail) };
  }
}

type Breach = LedgerHealth['breaches'][number];
type Stall = LedgerHealth['stalls'][number];

const anonymous = ({ organization_id: _o, wallet_id: _w, ...breach }: Breach) => breach;

/** The error may hold anything, ids among it. */
const withoutDetail = ({ detail: _detail, ...stall }: Stall) => stall;
