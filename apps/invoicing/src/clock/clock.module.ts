import type { Provider } from '@nestjs/common';
import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import {
  BackgroundJobs,
  DueRegistry,
  outboxProbe,
  RpcClient,
  type ClockQuery,
  type Logger,
} from '@orbit/runtime';
import { OwnClockService, RpcClockService } from './adapters/clock-services.js';
import { SqlClocks } from './adapters/sql-clocks.js';
import { TestClockController } from './adapters/test-clock.controller.js';
import { DriveClock } from './application/drive-clock.js';
import { ServeTestClock } from './application/serve-test-clock.js';

export const CLOCK_CONTROLLERS = [TestClockController];

const RESUME_INTERVAL_MS = 2_000;

export interface ClockParts {
  readonly prisma: PrismaClient;
  readonly query: ClockQuery;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Addresses, in the order in which services tell each other things; invoicing itself comes after metering. */
  readonly metering: string;
  readonly checkout: string;
  readonly ledger: string;
}

/** The driver of accounts' clocks, wired. */
export class InvoicingClock {
  /** What this service does at instants of an account: features register their work here. */
  readonly due = new DueRegistry();
  readonly providers: readonly Provider[];
  private readonly clients: readonly RpcClient[];
  private readonly jobs: BackgroundJobs;

  constructor({ prisma, query, clock, logger, metering, checkout, ledger }: ClockParts) {
    const clients = [
      RpcClient.at('usage-metering', metering),
      RpcClient.at('checkout', checkout),
      RpcClient.at('wallet-ledger', ledger),
    ] as const;
    this.clients = clients;
    this.due.addProbes(outboxProbe(query, 'invoicing.invoice_outbox'));
    const clocks = new SqlClocks(prisma);
    const services = [
      new RpcClockService('usage-metering', clients[0]),
      new OwnClockService(this.due),
      new RpcClockService('checkout', clients[1]),
      new RpcClockService('wallet-ledger', clients[2]),
    ];
    const drive = new DriveClock(clocks, services, clock);
    const serve = new ServeTestClock(clocks, drive, clock, (account, err) =>
      logger.warn({ err, account }, 'the clock of an account waits'),
    );
    this.providers = [
      { provide: DriveClock, useValue: drive },
      { provide: ServeTestClock, useValue: serve },
    ];
    const resume = {
      name: 'move abandoned clocks',
      intervalMs: RESUME_INTERVAL_MS,
      run: () => drive.resume(),
    };
    this.jobs = new BackgroundJobs([resume], logger);
  }

  start(): void {
    this.jobs.startSpread();
  }

  async stop(): Promise<void> {
    await this.jobs.stop();
    for (const client of this.clients) client.close();
  }
}
