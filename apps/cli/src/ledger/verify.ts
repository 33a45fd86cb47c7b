import fs from 'node:fs';
import path from 'node:path';
import type { Micros } from '@orbit/money';
import type { Context } from '../cli/context.js';
import { OrbitCliError, UsageError } from '../cli/faults.js';
import { readJson } from '../kafka/dead-letters.js';
import type { Finding } from '../proof/record.js';
import { databaseRecords, estimateRows, fileRecords, stopWhenAsked } from './records.js';
import { LedgerVerifier } from '../proof/verifier.js';

/** The number of a root and its hash. */
type PublishedRoot = [number: string, hash: string];

export interface VerifyOptions {
  readonly root?: readonly PublishedRoot[];
  readonly roots?: string;
}

/** `--root 12:…`, several times. */
export function collectRoot(
  text: string,
  roots: readonly PublishedRoot[] = [],
): readonly PublishedRoot[] {
  const match = /^(\d+):([0-9a-f]{64})$/i.exec(text);
  const [, number = '', hash = ''] = match ?? [];
  if (!match) throw new UsageError(`"${text}" is no root; write its number, a colon, its hash.`);
  return [...roots, [number, hash.toLowerCase()]];
}

/** `orbit ledger verify`. */
export async function verifyLedger(
  context: Context,
  file: string | undefined,
  { root, roots }: VerifyOptions,
): Promise<void> {
  const published = new Map<string, string>([
    ...(root ?? []),
    ...(roots === undefined ? [] : readRoots(roots)),
  ]);
  const verifier = new LedgerVerifier({ published });
  const isOffline = file !== undefined;
  const records = isOffline ? fileRecords(path.resolve(file)) : databaseRecords(context);
  const progress = context.progress('rows checked', isOffline ? 0 : await estimateRows(context));
  for await (const record of records) {
    stopWhenAsked(context, 'Nothing was decided.');
    verifier.accept(record);
    progress.advance();
  }
  progress.total = progress.done;
  progress.finish();
  const result = verifier.finish();
  const { formatAmount } = await import('@orbit/money');
  const currencies = result.currencies.map(({ currency, sum, in_wallets }) => ({
    currency,
    sum: formatAmount(sum as Micros, currency),
    in_wallets: formatAmount(in_wallets as Micros, currency),
  }));
  const [first] = result.findings;
  if (!result.isClean) context.finding();
  if (context.options().json) {
    const { isClean, findings, findingsLeftOff, counts } = result;
    const summary = { clean: isClean, first: first ?? null, findings };
    context.print({ ...summary, findings_left_off: findingsLeftOff, counts, currencies });
    return;
  }
  const { counts } = result;
  const unsealed = counts.entries - counts.sealed_entries;
  context.print({
    ...counts,
    unsealed_entries: unsealed,
    currencies,
    ...(first === undefined
      ? { result: 'every check holds' }
      : { result: `tampered: ${sentence(first)}` }),
    ...(result.findings.length > 1 ? { findings: result.findings } : {}),
  });
  if (result.findingsLeftOff > 0) context.say(`${result.findingsLeftOff} more findings.`);
}

/** "wallet wal_1 (no. 3), entry 17, amount_micros: …" */
export function sentence(finding: Finding): string {
  const { wallet_id, wallet_no, table, sequence, root_no, escrow_id, field, problem } = finding;
  const wallet = wallet_no === undefined ? [] : [`wallet ${wallet_id ?? '?'} (no. ${wallet_no})`];
  const row = [table, sequence ?? root_no ?? escrow_id].filter((part) => part !== undefined);
  const { suspects, is } = finding;
  const more = suspects
    ? ` (${suspects})`
    : is === undefined
      ? ''
      : ` and is ${JSON.stringify(is)}`;
  return `${[...wallet, row.join(' '), ...(field ? [field] : [])].join(', ')}: ${problem}${more}`;
}

function readRoots(file: string): PublishedRoot[] {
  if (!fs.existsSync(file) || !fs.statSync(file).isFile()) {
    throw new OrbitCliError(`There is no file ${file}.`);
  }
  const lines = fs.readFileSync(file, 'utf8').split(/\r?\n/);
  return lines.flatMap((line, index): PublishedRoot[] => {
    if (line === '') return [];
    const { root_no: number, root } = (readJson(line) ?? {}) as Readonly<Record<string, unknown>>;
    if (!/^\d+$/.test(String(number as string)) || typeof root !== 'string') {
      throw new OrbitCliError(`${file}:${index + 1} is no value of ledger.sealed.`);
    }
    return [[String(number as string), root]];
  });
}
