import fs from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and those above it. Node's own `recursive` never comes back from a path below /proc, where a folder
 * that is there says of a new one that it has no parent.
 * Errors: as `fs.mkdirSync` throws them.
 */
export function makeFolder(folder, mode = undefined) {
  const missing = [];
  let above = path.resolve(folder);
  while (!fs.existsSync(above)) {
    missing.unshift(above);
    above = path.dirname(above);
  }
  for (const one of missing) {
    try {
      fs.mkdirSync(one, { mode });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error; // Another process made it in the same moment.
    }
  }
  if (fs.statSync(folder).isDirectory()) return;
  throw Object.assign(new Error(`${folder} is no folder`), { code: 'ENOTDIR' });
}

/**
 * The same, and something can be made in it: what a file system says about rights is not always so, as of /proc.
 * Errors: as Node's own calls throw them.
 */
export function makeWritableFolder(folder, mode = undefined) {
  makeFolder(folder, mode);
  fs.rmdirSync(fs.mkdtempSync(path.join(folder, '.orbit-')));
}
