// Stacks that a file has left running for the next one: to start one costs two cores half a minute. Only files of
// `npm test` share: their folder is there before and after each of them, and all that is left in it ends with the run.
import { expect } from '@jest/globals';
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Set by noting-failures.environment.mjs as soon as a test of this file has failed. */
declare global {
  var orbitHasFailed: boolean | undefined;
}

/**
 * How a file uses its stack. `own`: nobody before, nobody after. `first`: nobody before; goes on to the next. `shared`:
 * what others have made there is no matter, and what this file changes it puts back. `last`: as `shared`, and nobody
 * after, because of what it leaves.
 */
export type StackUse = 'own' | 'first' | 'shared' | 'last';

const takesSpare = (use: StackUse): boolean => use === 'shared' || use === 'last';
const runFolder = (): string | undefined => process.env['ORBIT_TEST_HOME'];
/** One empty file for each test file of this run that may still take one; longest-first.sequencer.mjs writes them. */
const takersOf = (folder: string): string => join(folder, 'takers');

/** The home of a stack that nobody uses now and that is this file's from now on, or null. */
export function takeSpare(use: StackUse): string | null {
  const folder = runFolder();
  if (folder === undefined || !takesSpare(use)) return null;
  rmSync(join(takersOf(folder), basename(expect.getState().testPath ?? '')), { force: true });
  return sparesIn(folder).find(isOursNow) ?? null;
}

/** Leaves the stack to whoever comes next. False: nobody may have it, and the file ends it itself. */
export function leaveSpare(home: string, use: StackUse): boolean {
  const folder = runFolder();
  const isFit = (use === 'first' || use === 'shared') && globalThis.orbitHasFailed !== true;
  if (folder === undefined || !isFit || !hasTakers(folder)) return false;
  writeFileSync(join(home, 'spare'), '');
  return true;
}

/** The spare ones that nobody is left to take; they are this file's to end. */
export function forsaken(): readonly string[] {
  const folder = runFolder();
  return folder === undefined || hasTakers(folder) ? [] : sparesIn(folder).filter(isOursNow);
}

const hasTakers = (folder: string): boolean =>
  existsSync(takersOf(folder)) && readdirSync(takersOf(folder)).length > 0;

const sparesIn = (folder: string): string[] =>
  readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((home) => existsSync(join(home, 'spare')));

/** Of two files that reach for the same one the rename lets one have it. */
function isOursNow(home: string): boolean {
  try {
    renameSync(join(home, 'spare'), join(home, 'taken'));
    return true;
  } catch {
    return false;
  }
}
