/** The options on the command line of the benchmarks. */
export const SUITES = [
  'authorize',
  'lease',
  'post',
  'http',
  'e2e',
  'ingest',
  'usage',
  'rate',
  'billing',
];

export const USAGE = `Usage: npm run bench -- ${SUITES.join('|')}|all [options]

  --quick          fewer messages and rounds; the stage with ten million entries is left out
  --seconds N      how long one round of a timed measurement lasts (5)
  --rounds N       rounds of each side; the median counts (3, quick 1)
  --only IDS       these rows only, comma separated: post-1000,store-only
  --json FILE      write [{id, ours, baseline, ratio, target, holds, unit}]
  --docs           put the rows into docs/benchmarks.md; suites that are not run keep theirs
  --profile        run our process with --cpu-prof and print where its time goes
  --keep           leave the servers' folder behind`;

/** Errors: a sentence that says what is wrong with the arguments. */
export function readOptions(argv) {
  const options = {
    suites: [],
    isQuick: false,
    seconds: null,
    rounds: null,
    only: null,
    json: null,
    isForDocs: false,
    isProfiling: false,
    isKept: false,
  };
  const words = [...argv];
  const valueOf = (flag) => {
    const value = words.shift();
    if (value === undefined || value.startsWith('--')) throw new Error(`${flag} needs a value.`);
    return value;
  };
  const numberOf = (flag) => {
    const value = Number(valueOf(flag));
    if (!(value > 0)) throw new Error(`${flag} needs a number above zero.`);
    return value;
  };
  while (words.length > 0) {
    const word = words.shift();
    if (word === 'all') options.suites.push(...SUITES);
    else if (SUITES.includes(word)) options.suites.push(word);
    else if (word === '--quick') options.isQuick = true;
    else if (word === '--seconds') options.seconds = numberOf(word);
    else if (word === '--rounds') options.rounds = numberOf(word);
    else if (word === '--only') options.only = new Set(valueOf(word).split(','));
    else if (word === '--json') options.json = valueOf(word);
    else if (word === '--docs') options.isForDocs = true;
    else if (word === '--profile') options.isProfiling = true;
    else if (word === '--keep') options.isKept = true;
    else throw new Error(`"${word}" is not known here.`);
  }
  if (options.suites.length === 0) throw new Error('Say what to measure.');
  options.rounds ??= options.isQuick ? 1 : 3;
  options.seconds ??= options.isQuick ? 3 : 5;
  return options;
}

/** Whether any of these rows is asked for. */
export const wants = (options, ...ids) =>
  options.only === null || ids.some((id) => options.only.has(id));
