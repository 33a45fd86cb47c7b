/**
 * Measures ours beside a baseline on servers of its own, and prints the ratios.
 * `npm run bench -- --help` lists what there is; docs/benchmarks.md says what each row means.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadLine, machine, tableOf } from './bench/report.mjs';
import { readOptions, USAGE } from './bench/options.mjs';
import { build } from './build.mjs';

const say = (text) => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`);

async function suiteOf(name) {
  const file = path.join(import.meta.dirname, 'bench', `${name}.mjs`);
  const module = await import(pathToFileURL(file).href);
  return module[`run${name[0].toUpperCase()}${name.slice(1)}`];
}

async function main(options) {
  const written = await build();
  if (written > 0) say(`compiled ${written} files`);
  const { Servers } = await import('./bench/servers.mjs');
  const notes = [...machine(), loadLine()];
  const servers = await Servers.start(say, options.isKept);
  const rows = [];
  const failures = [];
  const note = (text) => {
    notes.push(text);
    say(text);
  };
  try {
    for (const name of options.suites) {
      say(`— ${name} —`);
      try {
        const run = await suiteOf(name);
        rows.push(...(await run({ servers, options, say, note })));
      } catch (error) {
        failures.push(`${name}: ${error.message}`);
        say(error.stack);
      }
    }
  } finally {
    await servers.stop();
  }
  process.stdout.write(`${notes.join('\n')}\n\n${tableOf(rows)}\n`);
  for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (options.isForDocs && failures.length === 0) {
    const { writeDocs } = await import('./bench/docs.mjs');
    await writeDocs({ rows, notes });
  }
  return failures.length === 0 ? 0 : 1;
}

const argv = process.argv.slice(2);
if (argv.includes('--help') || argv.includes('-h')) {
  process.stdout.write(`${USAGE}\n`);
} else {
  try {
    process.exit(await main(readOptions(argv)));
  } catch (error) {
    process.stderr.write(`${error.stack}\n\n${USAGE}\n`);
    process.exit(1);
  }
}
