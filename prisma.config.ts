// Read by Prisma's own CLI. `npm start` and the tests use tools/migrate.mjs, which reads the same
// folder without downloading an engine; with a network `npx prisma migrate status` works as well.
import { defineConfig } from 'prisma/config';

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_ADMIN_URL'] ?? '' },
});
