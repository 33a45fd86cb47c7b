/**
 * Makes the Prisma client below libs/persistence/src/generated. Cached by a hash of the schema, so
 * that it costs nothing when nothing changed.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { withLock } from './setup/lock.mjs';

const ROOT = path.join(import.meta.dirname, '..');
const SCHEMA_FOLDER = path.join(ROOT, 'prisma', 'schema');
const OUTPUT_FOLDER = path.join(ROOT, 'libs', 'persistence', 'src', 'generated');
const LOCK = path.join(ROOT, '.nx', 'prisma-client.lock');
const STAMP = path.join(OUTPUT_FOLDER, '.schema-hash');

function schemaHash() {
  const hash = createHash('sha256');
  const prisma = path.join(ROOT, 'node_modules', 'prisma', 'package.json');
  hash.update(JSON.parse(fs.readFileSync(prisma, 'utf8')).version);
  for (const file of fs.readdirSync(SCHEMA_FOLDER).sort()) {
    if (file.endsWith('.prisma')) {
      hash.update(`\0${file}\0`).update(fs.readFileSync(path.join(SCHEMA_FOLDER, file)));
    }
  }
  return hash.digest('hex');
}

const isFresh = () => fs.existsSync(STAMP) && fs.readFileSync(STAMP, 'utf8') === schemaHash();

/** Generates the client when the schema changed since the last time. Returns whether it did. */
export async function generatePrismaClient() {
  if (isFresh()) return false;
  const onWait = (pid) => process.stderr.write(`  … waiting for process ${pid}, which generates\n`);
  return withLock(LOCK, onWait, async () => {
    if (isFresh()) return false;
    await generate();
    fs.writeFileSync(STAMP, schemaHash());
    return true;
  });
}

async function generate() {
  const cli = path.join(ROOT, 'node_modules', 'prisma', 'build', 'index.js');
  // Generating needs no schema engine, but the CLI would download one: any program will do.
  const env = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.platform === 'darwin' ? '/usr/bin/true' : '/bin/true',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  };
  try {
    await promisify(execFile)(process.execPath, [cli, 'generate'], { cwd: ROOT, env });
  } catch (error) {
    throw new Error(`prisma generate failed:\n${error.stdout ?? ''}${error.stderr ?? error}`, {
      cause: error,
    });
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const isNew = await generatePrismaClient();
  process.stdout.write(isNew ? 'Prisma client generated.\n' : 'Prisma client is up to date.\n');
}
