import type { ConfigReader } from '../config.js';
import { Decimal } from '../decimal.js';
import { line, product, type RatedLine } from '../rating.js';
import { groupBy, type Usage, type UsageGroup } from '../usage.js';

/** One cell: the values of the dimensions, what they cost or by how much they scale. */
export interface Cell {
  readonly values: readonly (string | null)[];
  readonly rate: Decimal;
  /** Multiplies the quantity before the rate. */
  readonly scaling: Decimal;
  /** A name for people, where the configuration has one. */
  readonly name: string | null;
}

/** A table of one or two dimensions, with a default for what has no cell. */
export class Matrix {
  private readonly byKey: ReadonlyMap<string, Cell>;

  constructor(
    readonly dimensions: readonly string[],
    readonly cells: readonly Cell[],
    private readonly otherwise: Omit<Cell, 'values'>,
  ) {
    this.byKey = new Map(cells.map((cell) => [keyOf(cell.values), cell]));
  }

  /** The cell of these values; the default for all that have none, also for events without a property. */
  cellOf(values: readonly (string | null)[]): Cell {
    return this.byKey.get(keyOf(values)) ?? { ...this.otherwise, values };
  }

  /** Usage by cell: configured cells in their order, then what has none, by value. */
  groupsOf(usage: Usage): readonly { readonly group: UsageGroup; readonly cell: Cell }[] {
    const groups = groupBy(usage, this.dimensions);
    const order = new Map(this.cells.map((cell, index) => [keyOf(cell.values), index]));
    const place = ({ values }: UsageGroup): number => order.get(keyOf(values)) ?? this.cells.length;
    return [...groups]
      .sort((a, b) => place(a) - place(b))
      .map((group) => ({ group, cell: this.cellOf(group.values) }));
  }

  /** One line a cell that has usage. `billable` is what of a cell's quantity costs something. */
  rate(
    usage: Usage,
    billable: (quantity: Decimal) => Decimal = (quantity) => quantity,
  ): readonly RatedLine[] {
    return this.groupsOf(usage).map(({ group, cell }) =>
      cellLine(group, cell, billable(group.quantity)),
    );
  }
}

export function cellLine(group: UsageGroup, cell: Cell, billable: Decimal): RatedLine {
  const isScaled = !cell.scaling.equals(Decimal.ONE);
  const quantity = isScaled ? billable.times(cell.scaling) : billable;
  const amount = quantity.times(cell.rate);
  const factors = isScaled ? [billable, cell.scaling, cell.rate] : [billable, cell.rate];
  return line({
    kind: 'matrix',
    name: cell.name ?? cellName(group.values),
    quantity: group.quantity,
    amount,
    cell: group.values,
    formula: () => `${product(...factors)} = ${amount.toString()}`,
  });
}

export const cellName = (values: readonly (string | null)[]): string =>
  values.map((value) => value ?? 'without a value').join(' / ');

/** `dimensions`, `matrix_values`, `default_unit_amount`, as three models write them. */
export function readMatrix(config: ConfigReader): Matrix {
  const dimensions = config.texts('dimensions', 2);
  const cells = config.entries('matrix_values').map((entry) => ({
    values: entry.cell('dimension_values', dimensions.length),
    rate: entry.amount('unit_amount'),
    scaling: entry.amountOr('scaling_factor', null) ?? Decimal.ONE,
    name: null,
    at: entry,
  }));
  return checkedMatrix(dimensions, cells, 'dimension_values', {
    rate: config.amount('default_unit_amount'),
    scaling: config.amountOr('scaling_factor', null) ?? Decimal.ONE,
    name: null,
  });
}

/** `first_dimension`, `second_dimension` and cells that name both values. */
export function readTwoDimensions(
  config: ConfigReader,
  list: string,
  read: (entry: ConfigReader) => Pick<Cell, 'rate' | 'scaling'>,
  otherwise: Pick<Cell, 'rate' | 'scaling'>,
): Matrix {
  const second = config.textOr('second_dimension', null);
  const dimensions = [config.text('first_dimension'), ...(second === null ? [] : [second])];
  const cells = config.entries(list).map((entry) => ({
    values: [
      entry.text('first_dimension_value'),
      ...(second === null ? [] : [entry.textOr('second_dimension_value', null)]),
    ],
    ...read(entry),
    name: null,
    at: entry,
  }));
  return checkedMatrix(dimensions, cells, 'first_dimension_value', { ...otherwise, name: null });
}

/** Refuses two cells with the same values. */
export function checkedMatrix(
  dimensions: readonly string[],
  cells: readonly (Cell & { readonly at: ConfigReader })[],
  field: string,
  otherwise: Omit<Cell, 'values'>,
): Matrix {
  const seen = new Set<string>();
  for (const { values, at } of cells) {
    if (seen.has(keyOf(values))) at.fault(field, 'stands twice: each cell has one price');
    seen.add(keyOf(values));
  }
  return new Matrix(
    dimensions,
    cells.map(({ at: _at, ...cell }) => cell),
    otherwise,
  );
}

export const keyOf = (values: readonly (string | null)[]): string => JSON.stringify(values);
