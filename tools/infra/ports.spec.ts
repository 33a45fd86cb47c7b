// Goal: servers that start at once never get the same port, though each takes its own long after it was told of it.
// Method: many ask at the same time, in this process and in others.
import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts } from './ports.mjs';

const run = promisify(execFile);
const ASK = `
  import { freePorts } from '${join(import.meta.dirname, 'ports.mjs')}';
  console.log(JSON.stringify(await freePorts(100)));
`;

test('400 ports that four processes are given at once are all different, and none is one that a connection gets', async () => {
  const ask = async (): Promise<number[]> => {
    const args = ['--input-type=module', '--eval', ASK];
    const { stdout } = await run(process.execPath, args, {
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    return JSON.parse(stdout) as number[];
  };
  const given = (await Promise.all([freePorts(100), ask(), ask(), ask()])).flat();
  expect(new Set(given).size).toBe(400);
  expect(Math.min(...given)).toBeGreaterThanOrEqual(12_000);
  expect(Math.max(...given)).toBeLessThan(32_000);
});
