import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { closeAsConnectionsFallIdle, createLogger, NestLogger } from '@orbit/runtime';
import type { FastifyInstance } from 'fastify';
import { refuseForeignVisitors } from './controls/own-visitors.js';
import { acceptTextBodies } from './http/request-body.js';
import { StripeSandboxModule, type ModuleOptions } from './stripe-sandbox.module.js';

const BODY_BYTES_MAX = 256 * 1_024;

/** The whole server, not yet listening; main.ts and the tests start the same one. */
export async function createApp(options: ModuleOptions): Promise<NestFastifyApplication> {
  const logger = options.logger ?? createLogger('stripe-sandbox', options.config.LOG_LEVEL);
  const app = await NestFactory.create<NestFastifyApplication>(
    StripeSandboxModule.with({ ...options, logger }),
    new FastifyAdapter({ bodyLimit: BODY_BYTES_MAX }),
    { bodyParser: false, logger: new NestLogger(logger), abortOnError: false },
  );
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  refuseForeignVisitors(fastify, options.config.PUBLIC_URL);
  acceptTextBodies(fastify);
  closeAsConnectionsFallIdle(fastify);
  return app;
}
