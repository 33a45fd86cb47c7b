import type { Provider, Type } from '@nestjs/common';
import type { BackgroundJob } from '../background-jobs.js';

/**
 * One feature of a service, made by its `<feature>.module.ts`. A value and no Nest module: what a feature needs
 * are the parameters of the function or class that makes it, so a part that is missing does not compile, no container
 * looks anything up by name, and features start and stop in the order of a list. See docs/decisions/0070.
 */
export interface Feature {
  /** Doors for RPC, HTTP and Kafka. */
  readonly controllers?: readonly Type[];
  /** Instances that its controllers ask for. */
  readonly providers?: readonly Provider[];
  /** Work that it repeats. */
  readonly jobs?: readonly BackgroundJob[];
  /** Runs once, after the connections are open and before any job or message. */
  start?(): Promise<unknown> | void;
  /** Runs once, after the last job has ended and before the connections close. */
  stop?(): Promise<unknown> | void;
}

/** Instances as providers, each under its own class. */
export const instances = (...uses: readonly object[]): readonly Provider[] =>
  uses.map((use) => ({ provide: use.constructor, useValue: use }));
