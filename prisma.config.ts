// Read by Prisma's own CLI. `npm start` and the tests use tools/migrate.mjs, which reads the same
// folder without downloading an engine; with a network `npx prisma migrate status` works as well.
import { defineConfig } from 'prisma/config';

// Prisma's CLI asks its maker for a newer version and sends it what runs here; not from this repository.
process.env['CHECKPOINT_DISABLE'] ??= '1';

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_ADMIN_URL'] ?? '' },
});
