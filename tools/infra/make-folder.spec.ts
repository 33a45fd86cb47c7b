import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeFolder, makeWritableFolder } from './make-folder.mjs';

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'orbit-folders-'));
  fs.writeFileSync(path.join(folder, 'file'), '');
  fs.symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'dangling'));
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

test('a folder and those above it are made, again without harm, and nothing is left in it', () => {
  const deep = path.join(folder, 'größer als', 'b', 'c');
  makeWritableFolder(deep);
  makeWritableFolder(deep);
  expect(fs.readdirSync(deep)).toEqual([]);
});

// Node's own recursive mkdir does not come back from the first of these.
test.each(['/proc/x', '/proc/self/x/y', '/dev/null/x'])('%s is refused, and soon', (place) => {
  if (process.platform === 'linux') expect(() => makeFolder(place)).toThrow(/ENOENT|ENOTDIR/);
});

test('a file, a link to nothing and a folder that takes nothing are refused', () => {
  expect(() => makeFolder(path.join(folder, 'file'))).toThrow('is no folder');
  expect(() => makeFolder(path.join(folder, 'file', 'x'))).toThrow('ENOTDIR');
  expect(() => makeFolder(path.join(folder, 'dangling'))).toThrow('ENOENT');
  if (process.platform === 'linux') expect(() => makeWritableFolder('/proc')).toThrow('ENOENT');
});
