/**
 * The ledger's own code that decides history again: loaded from its build, and typed here by what a shadow takes of
 * it, because one application imports nothing of another.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../../../../tools/stack/paths.mjs';
import { OrbitCliError } from '../cli/faults.js';

const LEDGER = path.join(ROOT, 'apps', 'wallet-ledger', 'dist', 'proof', 'shadow.js');

/** Opaque to a shadow. */
export type HistoricCommand = object;

/** A charge as its entry has it. */
export interface BookedRow {
  readonly currency: string;
  readonly channel: string | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
}

export interface RedecidedRows {
  readonly counts: Readonly<Record<'redecided' | 'given' | 'uncovered', number>>;
  readonly balanceMicros: bigint;
  readonly sequence: bigint;
  readonly fault?: { readonly sequence: bigint; readonly why: string } | null;
  readonly entryRows: readonly object[];
  readonly blockRows: readonly object[];
}

export interface ShadowLedger {
  readonly SHADOW_TOPICS: readonly string[];
  readCommand(
    topic: string,
    value: unknown,
    booked?: BookedRow,
  ): {
    /** Currency '': a charge by price, whose entry alone has it. */
    readonly key: { readonly organizationId: string; readonly currency: string };
    readonly reference: string;
    /** Null: a charge by price whose entry was not given. */
    readonly command: HistoricCommand | null;
  } | null;
  redecideRows(rows: {
    readonly wallet: object;
    readonly entries: readonly object[];
    readonly blocks: readonly object[];
    readonly escrows: readonly object[];
    readonly commands: ReadonlyMap<string, HistoricCommand>;
  }): RedecidedRows;
}

export async function loadLedger(): Promise<ShadowLedger> {
  if (!fs.existsSync(LEDGER)) throw new OrbitCliError('The ledger is not built: npm run build.');
  return (await import(pathToFileURL(LEDGER).href)) as ShadowLedger;
}
