import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigurationError, DatabaseUrl, OneLine, readConfig } from './index.js';

class Config {
  @DatabaseUrl() DATABASE_URL!: string;
  @OneLine(20) ORBIT_SELLER_NAME: string = 'Orbit';
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'orbit-secret-files-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string): string => {
  const path = join(folder, 'secret');
  writeFileSync(path, text);
  return path;
};
const faultsOf = (environment: Record<string, string>): string => {
  try {
    readConfig(Config, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.join('\n');
    throw error;
  }
  return '';
};

test('DATABASE_URL_FILE names a file with the value; its last line break is no part of it', () => {
  const url = 'postgresql://orbit:secret@db:5432/orbit';
  expect(readConfig(Config, { DATABASE_URL_FILE: file(`${url}\n`) })).toEqual({
    DATABASE_URL: url,
    ORBIT_SELLER_NAME: 'Orbit',
  });
});

test('a file that is not there, and both forms at once, are named without a value', () => {
  expect(faultsOf({ DATABASE_URL_FILE: join(folder, 'none') })).toContain(
    'DATABASE_URL_FILE names no file that can be read',
  );
  const both = { DATABASE_URL: 'postgresql://a:sekrit@db/x', DATABASE_URL_FILE: file('x') };
  expect(faultsOf(both)).toContain('both set');
  expect(faultsOf(both)).not.toContain('sekrit');
});

test('what the file holds is checked as the variable is', () => {
  expect(faultsOf({ DATABASE_URL_FILE: file('mysql://a:sekrit@db/x') })).toMatch(/^DATABASE_URL /);
  expect(faultsOf({ DATABASE_URL_FILE: file('mysql://a:sekrit@db/x') })).not.toContain('sekrit');
});
