/** One at a time, among the processes of this machine. */
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOurs, startedTicksOf } from '../infra/processes.mjs';
import { makeFolder } from '../infra/make-folder.mjs';
import { SetupError } from '../infra/setup-error.mjs';

const POLL_MS = 100;
const held = new Set();

process.once('exit', () => {
  for (const file of held) fs.rmSync(file, { force: true });
});

/** This process, and no other that is given its pid later. */
const self = () => ({
  pid: process.pid,
  marker: path.basename(process.argv[1] ?? process.execPath),
  startedTicks: startedTicksOf(process.pid),
});

/** The process that holds the lock; null when none does, or one that has died. */
function ownerOf(file) {
  try {
    const owner = JSON.parse(fs.readlinkSync(file));
    return isOurs(owner) ? owner : null;
  } catch {
    return null; // It is gone.
  }
}

/** The owner is the target of a symbolic link: that is made in one step, so nobody reads half of it. */
function take(file, owner = JSON.stringify(self())) {
  try {
    fs.symlinkSync(owner, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new SetupError(`${path.dirname(file)} cannot be written (${error.code}).`);
  }
}

/** Moves a dead owner's lock aside; one that somebody took in the meantime goes back. */
function clear(file) {
  const aside = `${file}.${process.pid}.dead`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return; // Somebody else has cleared it.
  }
  if (ownerOf(aside) !== null) take(file, fs.readlinkSync(aside));
  fs.rmSync(aside, { force: true });
}

/** Runs `work` while `file` is this process's. `onWait(pid)` is called once, when another holds it. */
export async function withLock(file, onWait, work) {
  makeLockFolder(path.dirname(file));
  let hasWaited = false;
  while (!take(file)) {
    const owner = ownerOf(file);
    if (owner === null) {
      clear(file);
      continue;
    }
    if (!hasWaited) onWait(owner.pid);
    hasWaited = true;
    await sleep(POLL_MS);
  }
  held.add(file);
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
    held.delete(file);
  }
}

function makeLockFolder(folder) {
  try {
    makeFolder(folder);
  } catch (error) {
    throw new SetupError(`The folder ${folder} cannot be made (${error.code}).`);
  }
}
