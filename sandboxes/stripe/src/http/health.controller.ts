import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { SandboxStore } from '../world/ports.js';
import { SANDBOX_STORE } from '../stripe-sandbox.tokens.js';

@Controller('health')
export class HealthController {
  constructor(@Inject(SANDBOX_STORE) private readonly store: SandboxStore) {}

  @Get('live')
  live(): { status: string } {
    return { status: 'live' };
  }

  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const isReady = await this.store.isReachable();
    await reply
      .status(isReady ? 200 : 503)
      .send(
        isReady
          ? { status: 'ready', reasons: [] }
          : { status: 'not ready', reasons: ['PostgreSQL cannot be reached'] },
      );
  }
}
