import type { Logger } from './logger.js';

export interface StopOptions {
  readonly logger: Logger;
  /** Longest orderly stop; after it the process ends with code 1. */
  readonly timeoutMs: number;
  readonly stop: () => Promise<void>;
}

/**
 * SIGTERM or SIGINT: one orderly stop, bounded in time; a second signal ends the process at once.
 * An exception that nobody caught ends it too: what state it left is unknown, and everything we keep is
 * safe against a crash.
 */
export function stopOnSignals({ logger, timeoutMs, stop }: StopOptions): void {
  let isStopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) {
      logger.warn({ signal }, 'second signal: ending at once');
      process.exit(1);
    }
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.error({ timeoutMs }, 'orderly stop took too long');
      process.exit(1);
    }, timeoutMs).unref();
    stop().then(
      () => {
        logger.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'orderly stop failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  const onFatal = (error: unknown): void => {
    logger.fatal({ err: error }, 'uncaught error: ending');
    process.exit(1);
  };
  process.on('uncaughtException', onFatal);
  // Ours are all awaited (lint sees to it), so this is a driver's socket that nobody waits for any more:
  // ending the service over it would turn a broker's restart into ours.
  process.on('unhandledRejection', (error: unknown) => {
    logger.error({ err: error }, 'a rejection that nobody handled');
  });
}
