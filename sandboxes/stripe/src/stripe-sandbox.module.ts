import { systemClock, type Clock } from '@orbit/kernel';
import { createPrisma } from '@orbit/persistence';
import { createLogger, type Logger } from '@orbit/runtime';
import {
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DispatchWebhooks } from './webhooks/dispatch-webhooks.js';
import { Sandbox } from './world/sandbox.js';
import type { SandboxSettings } from './world/work.js';
import { Sweep } from './controls/sweep.js';
import { AuthenticationPageController } from './payments/authentication-page.controller.js';
import { CheckoutPageController } from './checkout/checkout-page.controller.js';
import { HealthController } from './http/health.controller.js';
import { InvoicePageController } from './invoices/invoice-page.controller.js';
import { OutsideWorldController } from './controls/outside-world.controller.js';
import { PortalPageController } from './portal/portal-page.controller.js';
import { RequestLog } from './http/request-log.js';
import { SandboxController } from './controls/sandbox.controller.js';
import { StripeApiController } from './http/stripe-api.controller.js';
import { SweepLoop } from './controls/sweep-loop.js';
import { WakeSignal, WebhookLoop } from './webhooks/webhook-loop.js';
import { HttpWebhookSender } from './webhooks/http-webhook-sender.js';
import { MemoryFaultBoard } from './controls/memory-fault-board.js';
import { PrismaSandboxStore } from './world/prisma-sandbox-store.js';
import { RandomIds } from './world/random-ids.js';
import type { StripeSandboxConfig } from './stripe-sandbox.config.js';
import { FAULT_BOARD, ID_SOURCE, SANDBOX_STORE, SECRET_KEY } from './stripe-sandbox.tokens.js';

/** The version in events: the one that the pinned SDK speaks. */
const API_VERSION = '2026-10-28.endive';
const POOL_SIZE_MAX = 10;

export interface ModuleOptions {
  readonly config: StripeSandboxConfig;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** Work beside the requests: begun when the application is whole, ended before its connections close. */
class Background implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly loops: readonly { start(): void; stop(): Promise<void> }[],
    private readonly disconnect: () => Promise<void>,
  ) {}

  onApplicationBootstrap(): void {
    for (const loop of this.loops) loop.start();
  }

  async onApplicationShutdown(): Promise<void> {
    for (const loop of this.loops) await loop.stop();
    await this.disconnect();
  }
}

const BACKGROUND = Symbol('Background');

/** The only place where ports meet adapters. */
@Module({})
export class StripeSandboxModule {
  static with({ config, clock = systemClock, logger }: ModuleOptions): DynamicModule {
    const log = logger ?? createLogger('stripe-sandbox', config.LOG_LEVEL);
    const settings = settingsOf(config);
    const prisma = createPrisma(config.DATABASE_URL, { poolSizeMax: POOL_SIZE_MAX, logger: log });
    const store = new PrismaSandboxStore(prisma);
    const ids = new RandomIds();
    const faults = new MemoryFaultBoard();
    const signal = new WakeSignal();
    const sandbox = new Sandbox(store, clock, ids, faults, signal, settings);
    const sender = new HttpWebhookSender(clock);
    const webhooks = new WebhookLoop(
      new DispatchWebhooks(store, sender, clock, ids, settings),
      signal,
      log,
    );
    const sweep = new SweepLoop(new Sweep(sandbox, store, clock), log);
    const background = new Background([sweep, webhooks], () => prisma.$disconnect());
    return {
      module: StripeSandboxModule,
      controllers: [
        StripeApiController,
        CheckoutPageController,
        AuthenticationPageController,
        PortalPageController,
        InvoicePageController,
        SandboxController,
        OutsideWorldController,
        HealthController,
      ],
      providers: [
        { provide: Sandbox, useValue: sandbox },
        { provide: SANDBOX_STORE, useValue: store },
        { provide: ID_SOURCE, useValue: ids },
        { provide: RequestLog, useValue: new RequestLog() },
        { provide: FAULT_BOARD, useValue: faults },
        { provide: SECRET_KEY, useValue: config.STRIPE_SANDBOX_SECRET_KEY },
        { provide: BACKGROUND, useValue: background },
      ],
    };
  }
}

function settingsOf(config: StripeSandboxConfig): SandboxSettings {
  return {
    publicUrl: config.PUBLIC_URL.replace(/\/+$/, ''),
    merchantName: config.STRIPE_SANDBOX_MERCHANT,
    apiVersion: API_VERSION,
    sessionTtlSecondsMin: config.STRIPE_SANDBOX_SESSION_SECONDS_MIN,
    webhook: { url: config.STRIPE_WEBHOOK_URL, secret: config.STRIPE_WEBHOOK_SECRET },
  };
}
