import { Controller, Get, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Logger } from '@orbit/runtime';
import type { FastifyReply } from 'fastify';

export const READINESS = Symbol('READINESS');

const READY_POLL_MS = 100;

/** Names what is away; empty when the gateway can serve. */
export interface Readiness {
  reasons(): Promise<readonly string[]>;
}

@ApiExcludeController()
@Controller('health')
export class HealthController {
  constructor(@Inject(READINESS) private readonly readiness: Readiness) {}

  /** The process runs; it does not say whether it can serve, or a database's outage would restart it. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<{ status: string; reasons: readonly string[] }> {
    const reasons = await this.readiness.reasons();
    if (reasons.length > 0) reply.code(503).header('retry-after', 1);
    return { status: reasons.length === 0 ? 'ok' : 'unavailable', reasons };
  }
}

/** The launcher waits for this line; the reasons before it are for a person who wonders why it waits. */
export async function announceReady(readiness: Readiness, logger: Logger): Promise<void> {
  for (let told = ''; ; await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))) {
    const reasons = await readiness.reasons();
    if (reasons.length === 0) return logger.info('ready');
    if (reasons.join() !== told) logger.info({ reasons }, 'not ready yet');
    told = reasons.join();
  }
}
