/** Results for people (aligned columns) and for programs (JSON); progress on another stream. */

/** Where a command writes: a stream, or what a test put in its place. */
export interface TextOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

type Row = Readonly<Record<string, unknown>>;

const bigintAsText = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' ? String(value) : value;

/** One line, so that several results of one run can be read line by line. */
export const toJson = (value: unknown): string => JSON.stringify(value, bigintAsText);

const cellOf = (value: unknown): string => {
  if (value === null || value === undefined) return '–';
  return typeof value === 'object' ? toJson(value) : String(value as string);
};

const isNumeric = (text: string): boolean => /^[+-]?[\d_,.]+%?$/.test(text) || text === '–';

/** Rows as aligned columns; numbers stand to the right. */
export function formatTable(rows: readonly Row[]): string {
  if (rows.length === 0) return '(none)';
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => cellOf(row[column])));
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const isRight = columns.map((_, i) => cells.every((row) => isNumeric(row[i] ?? '')));
  const widthOf = (i: number): number => widths[i] ?? 0;
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => (isRight[i] ? text.padStart(widthOf(i)) : text.padEnd(widthOf(i))))
      .join('  ')
      .trimEnd();
  return [line(columns), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join(
    '\n',
  );
}

const listOf = (values: readonly unknown[]): string =>
  values.length === 0 ? '(none)' : values.map(cellOf).join(', ');

/** One thing as "name: value" lines; a list of things inside it as a table of its own. */
export function formatRecord(record: Row): string {
  const width = Math.max(...Object.keys(record).map((name) => name.length));
  return Object.entries(record)
    .map(([name, value]) => {
      const isTable = Array.isArray(value) && value.some((item) => typeof item === 'object');
      if (!isTable)
        return `${name.padEnd(width)}  ${Array.isArray(value) ? listOf(value) : cellOf(value)}`;
      return `\n${name}:\n${formatTable(value as Row[])}`;
    })
    .join('\n');
}

export function format(value: unknown): string {
  if (Array.isArray(value)) return formatTable(value as Row[]);
  return value !== null && typeof value === 'object' ? formatRecord(value as Row) : cellOf(value);
}

const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${Math.ceil(seconds % 60)} s`;
  return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
};

/**
 * "1200 of 5000 (24 %), 800/s, 5 s left"; without the end where nobody knows it or it turned out too low: "1200, 800/s".
 * Pure; `done` counts what was done since `elapsedMs` began.
 */
export function progressLine(at: {
  readonly done: number;
  readonly total: number;
  readonly doneBefore?: number;
  readonly elapsedMs: number;
}): string {
  const { done, total, doneBefore = 0, elapsedMs } = at;
  const rate = elapsedMs > 0 ? ((done - doneBefore) * 1_000) / elapsedMs : 0;
  if (done > total) return `${done}, ${Math.round(rate)}/s`;
  const percent = total === 0 ? 100 : Math.floor((done * 100) / total);
  const left = rate > 0 ? duration((total - done) / rate) : '?';
  return `${done} of ${total} (${percent} %), ${Math.round(rate)}/s, ${left} left`;
}

const TERMINAL_MS = 200;
const LOG_MS = 5_000;

/**
 * Shows how far a long command is: a line that is rewritten on a terminal, a line every few seconds
 * in a log. `total` may be 0 when nobody knows it yet.
 */
export class Progress {
  readonly #startedMs = performance.now();
  #shownMs = -Infinity;
  #done: number;

  constructor(
    private readonly stream: TextOutput,
    private readonly what: string,
    public total: number,
    private readonly doneBefore = 0,
  ) {
    this.#done = doneBefore;
  }

  get done(): number {
    return this.#done;
  }

  advance(count = 1): void {
    this.#done += count;
    const nowMs = performance.now();
    if (nowMs - this.#shownMs < (this.stream.isTTY ? TERMINAL_MS : LOG_MS)) return;
    this.#shownMs = nowMs;
    this.#show(this.stream.isTTY ? '' : '\n');
  }

  /** The last line stays. */
  finish(): void {
    this.#show('\n');
  }

  #show(end: string): void {
    const { total, doneBefore, what } = this;
    const elapsedMs = performance.now() - this.#startedMs;
    const line = `${what}: ${progressLine({ done: this.#done, total, doneBefore, elapsedMs })}`;
    this.stream.write(`${this.stream.isTTY ? '\r\u001b[K' : ''}${line}${end}`);
  }
}
