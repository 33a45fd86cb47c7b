import fs from 'node:fs';
import path from 'node:path';
import { ROOT, run } from './run.mjs';

const SDK = path.join(ROOT, 'libs', 'sdk');
const TSC = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');

/**
 * Uses that a program may rely on, and uses that the compiler must refuse: types that are `any` would refuse nothing.
 */
const PROGRAM = `import { Orbit, OrbitError, PaymentRequiredError, pages, type BalanceModel } from '@devotel/orbit-sdk';

export const orbit: Orbit = new Orbit({ apiKey: 'dv_live_sk_1', baseUrl: 'http://127.0.0.1:9', retriesMax: 0 });
export async function use(): Promise<number> {
  const { data, meta } = await orbit.billing.getBalance();
  const balance: BalanceModel = data;
  for await (const one of orbit.pages((page) => orbit.billing.listTransactions(page))) {
    const id: string = one.id;
    if (id === meta.request_id) break;
  }
  for await (const invoice of pages((page) => orbit.billing.listInvoices(page))) invoice.number.length;
  const pdf: Uint8Array = await orbit.billing.getInvoicePdf({ invoice_id: 'inv_1' });
  try {
    await orbit.billing.createCharge({ charge_id: 'c', amount: '1', currency: 'USD', channel: 'sms' });
  } catch (error) {
    if (error instanceof PaymentRequiredError && error.code === 'insufficient_funds') throw error;
    if (error instanceof OrbitError) return error.message.length;
  }
  // @ts-expect-error: there is no such operation
  await orbit.billing.getNothing();
  // @ts-expect-error: an id is text
  await orbit.billing.getCharge({ charge_id: 1 });
  // @ts-expect-error: a balance has no such field
  data.nothing;
  return balance.balance_cents + pdf.length;
}
`;

/** The ways in which a program may be set up, and the files that are compiled so. */
const SETUPS = {
  // Node's own resolution, with neither the browser's types nor Node's; our declarations are checked too.
  nodenext: {
    files: { 'module.mts': PROGRAM, 'commonjs.cts': PROGRAM },
    options: { module: 'nodenext', lib: ['es2022'], types: [], skipLibCheck: false },
  },
  bundler: {
    files: { 'program.ts': PROGRAM, 'readme.ts': readmeOf() },
    options: {
      module: 'esnext',
      moduleResolution: 'bundler',
      target: 'es2022',
      types: [],
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      skipLibCheck: true,
    },
  },
};

const RUNS = {
  'run.mjs': `import { Orbit, ConnectionError } from '@devotel/orbit-sdk';`,
  'run.cjs': `const { Orbit, ConnectionError } = require('@devotel/orbit-sdk');`,
};
const ASK = `
const orbit = new Orbit({ apiKey: 'k', baseUrl: 'http://127.0.0.1:9', retriesMax: 0 });
orbit.billing.getBalance().then(() => process.exit(1), (error) => process.exit(error instanceof ConnectionError ? 0 : 2));
`;

export async function checkTypeScript(folder) {
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], { cwd: SDK });
  const [{ filename, files }] = entriesOf(packed);
  needFiles(files.map(({ path: name }) => name));
  const app = path.join(folder, 'app');
  fs.mkdirSync(app);
  fs.writeFileSync(path.join(app, 'package.json'), '{"name":"app","private":true,"type":"module"}');
  // No registry is asked: the package has no dependencies.
  const flags = ['--offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await run('npm', ['install', ...flags, path.join(folder, path.basename(filename))], { cwd: app });
  for (const setup of Object.entries(SETUPS)) await compile(app, setup);
  for (const [name, start] of Object.entries(RUNS)) {
    fs.writeFileSync(path.join(app, name), start + ASK);
    await run(process.execPath, [name], { cwd: app });
  }
  return `${path.basename(filename)} installs, compiles with the resolution of ${Object.keys(SETUPS).join(' and ')}, and runs`;
}

/** npm before 12 answers a list, later ones an object by name. */
const entriesOf = (text) => {
  const answer = JSON.parse(text.slice(text.search(/^[[{]/m)));
  return Array.isArray(answer) ? answer : Object.values(answer);
};

/** All that package.json points at, and nothing that is only for us. */
function needFiles(names) {
  const { main, types, exports } = JSON.parse(
    fs.readFileSync(path.join(SDK, 'package.json'), 'utf8'),
  );
  const wanted = [main, types, ...Object.values(exports['.']), 'README.md'];
  const missing = wanted
    .map((name) => path.normalize(name))
    .filter((name) => !names.includes(name));
  const odd = names.filter(
    (name) => !/^(dist\/[\w-]+(\.d\.ts|\.js)|README\.md|package\.json)$/.test(name),
  );
  if (missing.length > 0) throw new Error(`The package lacks ${missing.join(', ')}`);
  if (odd.length > 0) throw new Error(`The package should not hold ${odd.join(', ')}`);
}

async function compile(app, [name, { files, options }]) {
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(app, file), text);
  const config = path.join(app, `tsconfig.${name}.json`);
  const compilerOptions = { strict: true, noEmit: true, ...options };
  fs.writeFileSync(config, JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  await run(process.execPath, [TSC, '-p', config], { cwd: app });
}

function readmeOf() {
  const text = fs.readFileSync(path.join(SDK, 'README.md'), 'utf8');
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code).join('\n');
}
