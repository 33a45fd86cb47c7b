import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ERROR_CATALOGUE } from '@orbit/contracts';
import { TOPICS } from '@orbit/events';

const script = fileURLToPath(new URL('../generate.mjs', import.meta.url));

function generate(...args: readonly string[]): {
  readonly status: number | null;
  readonly stderr: string;
} {
  const { status, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, stderr };
}

describe('generated documents', () => {
  let folder = '';
  const reference = (name: string): string => join(folder, 'docs/reference', name);
  const page = (name: string): string => readFileSync(reference(name), 'utf8');

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'orbit-generate-'));
    generate('--into', folder);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test('in the repository agree with the code', () => {
    expect(generate('--check')).toEqual({ status: 0, stderr: '' });
  });

  test('have a row for every error code', () => {
    for (const code of Object.keys(ERROR_CATALOGUE)) {
      expect(page('errors.md')).toContain(`| \`${code}\` |`);
    }
  });

  test('have a section for every topic', () => {
    for (const topic of Object.keys(TOPICS)) expect(page('events.md')).toContain(`\n## ${topic}\n`);
  });

  test('fail the check, by name, when one was edited by hand', () => {
    expect(generate('--check', '--into', folder)).toEqual({ status: 0, stderr: '' });
    appendFileSync(reference('errors.md'), 'edited\n');
    const { status, stderr } = generate('--check', '--into', folder);
    expect(status).toBe(1);
    expect(stderr).toContain('docs/reference/errors.md differs');
  });
});
