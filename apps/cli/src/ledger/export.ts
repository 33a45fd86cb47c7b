import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Context } from '../cli/context.js';
import { OrbitCliError } from '../cli/faults.js';
import type { Progress } from '../cli/output.js';
import { databaseRecords, estimateRows, stopWhenAsked } from './records.js';

const CHUNK_SIZE = 64 * 1_024;

/** `orbit ledger export`: beside the file first, so that it is there as a whole or not at all. */
export async function exportLedger(context: Context, file: string): Promise<void> {
  const target = path.resolve(file);
  const part = `${target}.part`;
  if (!fs.existsSync(path.dirname(target))) {
    throw new OrbitCliError(`There is no folder ${path.dirname(target)}.`);
  }
  if (fs.existsSync(target) && !fs.statSync(target).isFile()) {
    throw new OrbitCliError(`${target} is no file: name the file to write.`);
  }
  if (fs.existsSync(target)) await context.confirm(`Write over ${target}?`);
  const output = await openNew(part);
  const progress = context.progress('rows exported', await estimateRows(context));
  const lines = Readable.from(chunks(context, progress), { objectMode: false });
  try {
    if (target.endsWith('.gz')) await pipeline(lines, createGzip({ level: 6 }), output);
    else await pipeline(lines, output);
    fs.renameSync(part, target);
  } catch (error) {
    fs.rmSync(part, { force: true });
    throw error;
  }
  progress.total = progress.done;
  progress.finish();
  context.print({ file: target, rows: progress.done, bytes: fs.statSync(target).size });
}

/** Opens the output before anything is read: a folder that takes no file fails at once. */
async function openNew(file: string): Promise<fs.WriteStream> {
  const output = fs.createWriteStream(file, { mode: 0o600 });
  try {
    await once(output, 'open');
  } catch (error) {
    throw new OrbitCliError(`${file} cannot be written: ${(error as Error).message}`);
  }
  return output;
}

async function* chunks(context: Context, progress: Progress): AsyncGenerator<string> {
  let text = '';
  for await (const record of databaseRecords(context)) {
    stopWhenAsked(context, 'Nothing was written.');
    text += `${JSON.stringify(record)}\n`;
    progress.advance();
    if (text.length >= CHUNK_SIZE) {
      yield text;
      text = '';
    }
  }
  yield text;
}
