import type { DynamicModule, OnApplicationShutdown, Type } from '@nestjs/common';
import { BackgroundJobs, type BackgroundJob } from '../background-jobs.js';
import type { Logger } from '../logger.js';
import type { Connection } from './connections.js';
import type { Feature } from './feature.js';

export interface ServiceParts {
  readonly logger: Logger;
  /** Opened in this order. */
  readonly connections: readonly Connection[];
  /** Started in this order; each may use what those before it made. */
  readonly features: readonly Feature[];
  /** Holds for every job that does not say otherwise. */
  readonly everyJob?: Pick<BackgroundJob, 'backsOff' | 'isQuiet' | 'startsAtOnce'>;
}

/** The Nest module of `type`: controllers and providers of features, and nothing that starts or ends. */
export const moduleOfFeatures = (type: Type, features: readonly Feature[]): DynamicModule => ({
  module: type,
  controllers: features.flatMap(({ controllers = [] }) => controllers),
  providers: features.flatMap(({ providers = [] }) => providers),
});

/**
 * A service out of its features, for every service the same: controllers and providers make one Nest module, all jobs
 * have one runner, readiness is that of the connections. It stops in the opposite order of its start: messages and
 * calls (startService), then jobs, features from the last to the first, connections from the last to the first.
 */
export class ComposedService implements OnApplicationShutdown {
  /** The jobs of all features. */
  readonly jobs: BackgroundJobs;

  constructor(private readonly parts: ServiceParts) {
    const { features, logger, everyJob } = parts;
    const jobs = features.flatMap((feature) => feature.jobs ?? []);
    this.jobs = new BackgroundJobs(
      jobs.map((job) => ({ ...everyJob, ...job })),
      logger,
    );
  }

  /** The Nest module of `type`. It ends this service when it is closed. */
  moduleOf(type: Type): DynamicModule {
    const ends: Feature = {
      providers: [{ provide: this.constructor, useValue: this }],
    };
    return moduleOfFeatures(type, [ends, ...this.parts.features]);
  }

  async start(): Promise<void> {
    for (const connection of this.parts.connections) await connection.open?.();
    for (const feature of this.parts.features) await feature.start?.();
    this.jobs.startSpread();
  }

  /** Resolves when every connection is ready; rejects with the reason of the first that is not. */
  async ready(): Promise<void> {
    for (const connection of this.parts.connections) await connection.ready?.();
  }

  /** Faults that the service works with, and that somebody is to repair. */
  warnings(): readonly string[] {
    return this.parts.connections.flatMap((connection) => connection.warnings?.() ?? []);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.jobs.stop();
    for (const feature of this.parts.features.toReversed()) await feature.stop?.();
    for (const connection of this.parts.connections.toReversed()) await connection.close();
  }
}
