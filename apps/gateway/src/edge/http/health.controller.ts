import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Logger } from '@orbit/runtime';
import type { FastifyReply } from 'fastify';
import { setTimeout as sleep } from 'node:timers/promises';
import { CheckLedger } from '../../orbit/ledger-health/ledger-health.js';

export const READINESS = Symbol('READINESS');

const READY_POLL_MS = 100;
/** A probe waits no longer for the ledger, which the gateway does not depend on. */
const LEDGER_WAIT_MS = 300;
const LEDGER_UNKNOWN = 'ledger: does not say how it is';

/** Names what is unavailable; empty when the gateway can serve. */
export interface Readiness {
  reasons(): Promise<readonly string[]>;
  /** Parts that still work and are to be repaired, as known from the last `reasons`. */
  warnings?(): readonly string[];
}

@ApiExcludeController()
@Controller('health')
export class HealthController {
  constructor(
    @Inject(READINESS) private readonly readiness: Readiness,
    private readonly checkLedger: CheckLedger,
  ) {}

  /** The process runs; it does not say whether it can serve, or a database's outage would restart it. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /**
   * Without the ledger the gateway still authorizes and accepts, and a second gateway would fare no better:
   * what is wrong there is said as a warning, and `/health/ledger` is 503.
   */
  @Get('ready')
  async ready(
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ status: string; reasons: readonly string[]; warnings: readonly string[] }> {
    const [reasons, ofLedger] = await Promise.all([this.readiness.reasons(), this.warnings()]);
    const warnings = [...(this.readiness.warnings?.() ?? []), ...ofLedger];
    if (reasons.length > 0) reply.code(503).header('retry-after', 1);
    return { status: reasons.length === 0 ? 'ok' : 'unavailable', reasons, warnings };
  }

  private async warnings(): Promise<readonly string[]> {
    const warnings = this.checkLedger.warnings().catch(() => [LEDGER_UNKNOWN]);
    const late = sleep(LEDGER_WAIT_MS, [LEDGER_UNKNOWN], { ref: false });
    return await Promise.race([warnings, late]);
  }
}

/** The launcher waits for this line; the reasons before it are for a person who wonders why it waits. */
export async function announceReady(readiness: Readiness, logger: Logger): Promise<void> {
  for (let logged = ''; ; await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))) {
    const reasons = await readiness.reasons();
    if (reasons.length === 0) return logger.info('ready');
    if (reasons.join() !== logged) logger.info({ reasons }, 'not ready yet');
    logged = reasons.join();
  }
}
