// Goal: what is made from the OpenAPI document (client libraries, table of endpoints) agrees with it.
// `npm run generate` runs this file with ORBIT_GENERATE=1, which writes instead of comparing.
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { MODEL_TYPES } from '@orbit/pricing';
import { ADJUSTMENT_TYPES, CREDIT_ENTRY_TYPES, ORB_OPERATIONS, SEED_ROUTES } from '@orbit/orb-api';
import { FakeWorld } from './gateway.fake.js';
import { SERVED_OPERATIONS } from './orb/operations.js';
import { openApiDocument } from './edge/docs/openapi.js';

interface Made {
  readonly path: string;
  readonly text: string;
}

const ROOT = join(import.meta.dirname, '../../..');
const isWriting = process.env['ORBIT_GENERATE'] === '1';

let app: NestFastifyApplication;
beforeAll(async () => {
  app = await new FakeWorld().start();
});
afterAll(() => app.close());

test('client libraries and the table of endpoints agree with the OpenAPI document', async () => {
  const document: unknown = JSON.parse(JSON.stringify(openApiDocument(app)));
  const generator = (name: string): string =>
    pathToFileURL(join(ROOT, 'tools/generate', name)).href;
  const { generateSdk } = (await import(generator('sdk.mjs'))) as {
    generateSdk: (document: unknown) => Promise<Made[]>;
  };
  const { generateOrbitApi } = (await import(generator('orbit-api.mjs'))) as {
    generateOrbitApi: (document: unknown, root: string) => Made[];
  };
  const { generateOrbCompat } = (await import(generator('orb-compat.mjs'))) as {
    generateOrbCompat: (contract: Readonly<Record<string, unknown>>, root: string) => Made[];
  };
  const made = [
    ...(await generateSdk(document)),
    ...generateOrbitApi(document, ROOT),
    ...generateOrbCompat(
      {
        ...{ operations: ORB_OPERATIONS, served: SERVED_OPERATIONS, models: MODEL_TYPES },
        ...{ entryTypes: CREDIT_ENTRY_TYPES, adjustmentTypes: ADJUSTMENT_TYPES },
        seedRoutes: SEED_ROUTES,
      },
      ROOT,
    ),
  ];
  const drifted: string[] = [];
  for (const { path, text } of made) {
    const file = join(ROOT, path);
    if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
    if (isWriting) writeFileSync(file, text);
    else drifted.push(`${path} differs from the API: npm run generate`);
  }
  expect(drifted).toEqual([]);
});
