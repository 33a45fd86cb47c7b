import type { Clock } from '@orbit/kernel';
import type { PrismaClient } from '@orbit/persistence';
import {
  DueRegistry,
  instances,
  outboxProbe,
  RpcIdentity,
  type ClockQuery,
  type Feature,
  type Logger,
} from '@orbit/runtime';
import { OwnClockService, RpcClockService } from './adapters/clock-services.js';
import { SqlClocks } from './adapters/sql-clocks.js';
import { TestClockController } from './adapters/test-clock.controller.js';
import { DriveClock } from './application/drive-clock.js';
import { ServeTestClock } from './application/serve-test-clock.js';

const RESUME_INTERVAL_MS = 2_000;

export interface ClockParts {
  readonly prisma: PrismaClient;
  readonly query: ClockQuery;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Addresses, in the order in which services send each other messages; invoicing itself comes after metering. */
  readonly identity: RpcIdentity;
  readonly metering: string;
  readonly checkout: string;
  readonly ledger: string;
}

/** With what this service does at instants of an account: features register their work there. */
export interface ClockFeature extends Feature {
  readonly due: DueRegistry;
}

/** The driver of accounts' clocks. */
export function clockFeature(parts: ClockParts): ClockFeature {
  const { prisma, query, clock, logger, identity, metering, checkout, ledger } = parts;
  const due = new DueRegistry();
  due.addProbes(outboxProbe(query, 'invoicing.invoice_outbox'));
  const clients = [
    identity.client('usage-metering', metering),
    identity.client('checkout', checkout),
    identity.client('wallet-ledger', ledger),
  ] as const;
  const clocks = new SqlClocks(prisma);
  const services = [
    new RpcClockService('usage-metering', clients[0]),
    new OwnClockService(due),
    new RpcClockService('checkout', clients[1]),
    new RpcClockService('wallet-ledger', clients[2]),
  ];
  const drive = new DriveClock(clocks, services, clock);
  const serve = new ServeTestClock(clocks, drive, clock, (account, err) =>
    logger.warn({ err, account }, 'the clock of an account waits'),
  );
  return {
    controllers: [TestClockController],
    providers: instances(drive, serve),
    jobs: [
      {
        name: 'move abandoned clocks',
        intervalMs: RESUME_INTERVAL_MS,
        run: () => drive.resume(),
      },
    ],
    stop: () => clients.forEach((client) => client.close()),
    due,
  };
}
