import { onStderr, orEnd, setUp } from './set-up.mjs';

/** `setUp`, and all that is compiled: the Prisma client and every dist/ folder. */
export async function setUpAndBuild(say = onStderr) {
  await setUp(say);
  await orEnd(async () => {
    const { generatePrismaClient } = await import('../prisma-client.mjs');
    const { build } = await import('../build.mjs');
    await generatePrismaClient();
    const written = await build();
    if (written > 0) say(`  ✓ compiled ${written} files`);
  });
}
