/**
 * Measures ours beside a baseline on servers of its own, and prints the ratios.
 * `npm run bench -- --help` lists what there is; docs/benchmarks.md says what each row means.
 */
import { setUpAndBuild } from './setup/set-up-and-build.mjs';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { watchStolen } from './bench/cpu.mjs';
import { short } from './bench/numbers.mjs';
import { readOptions, USAGE } from './bench/options.mjs';

const say = (text) => process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`);

async function suiteOf(name) {
  const file = path.join(import.meta.dirname, 'bench', `${name}.mjs`);
  const module = await import(pathToFileURL(file).href);
  return module[`run${name[0].toUpperCase()}${name.slice(1)}`];
}

async function main(options) {
  await setUpAndBuild(say);
  // These import what the build has made.
  const { Servers } = await import('./bench/servers.mjs');
  const { loadLine, machine, tableOf } = await import('./bench/report.mjs');
  const load = loadLine();
  const notes = [];
  const servers = await Servers.start(say, options.isKept);
  const about = [];
  const rows = [];
  const failures = [];
  const noteOf = (suite) => (text) => {
    notes.push({ suite, text });
    say(text);
  };
  try {
    about.push(...(await machine(servers)), load);
    for (const name of options.suites) {
      say(`— ${name} —`);
      const stolen = watchStolen();
      try {
        const run = await suiteOf(name);
        rows.push(...(await run({ servers, options, say, note: noteOf(name) })));
      } catch (error) {
        failures.push(`${name}: ${error.message}`);
        say(error.stack);
      }
      const share = stolen();
      if (share !== null)
        noteOf(name)(`the host took ${short(share * 100)} % of the machine's time`);
    }
  } finally {
    await servers.stop();
  }
  const printed = [...about, ...notes.map(({ text }) => text)].join('\n');
  process.stdout.write(`${printed}\n\n${tableOf(rows)}\n`);
  for (const failure of failures) process.stdout.write(`FAILED ${failure}\n`);
  if (options.json) fs.writeFileSync(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  if (options.isForDocs) {
    const { writeDocs } = await import('./bench/docs.mjs');
    await writeDocs({ rows, notes, about, suites: options.suites });
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
