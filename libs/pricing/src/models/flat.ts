import type { ConfigReader } from '../config.js';
import { Decimal } from '../decimal.js';
import type { PriceModel, ReadModel } from '../model.js';
import { above } from '../parts/allocation.js';
import { proratedIf } from '../parts/proration.js';
import { line, product, summed, type Rating } from '../rating.js';
import { quantityOf } from '../usage.js';

/** Models that know one quantity and one rate: unit, package and their kin. */

const HUNDRED = Decimal.of(100);

/** `factors` multiplied: all that such a price does. */
function times(quantity: Decimal, ...factors: readonly Decimal[]): Rating {
  const amount = factors.reduce((result, factor) => result.times(factor), quantity);
  const formula = (): string => `${product(quantity, ...factors)} = ${amount.toString()}`;
  return summed(quantity, [line({ kind: 'total', name: 'usage', quantity, amount, formula })]);
}

const rated = (rate: (quantity: Decimal) => Rating): PriceModel => ({
  dimensions: [],
  rate: (usage) => rate(quantityOf(usage)),
});

export const unit: ReadModel = (config) => {
  const rate = config.amount('unit_amount');
  const scaling = config.amountOr('scaling_factor', null);
  const model = rated((quantity) =>
    scaling === null ? times(quantity, rate) : times(quantity, scaling, rate),
  );
  return proratedIf(config.flag('prorated'), model);
};

export const unitWithProration: ReadModel = (config) => {
  const rate = config.amount('unit_amount');
  return proratedIf(
    true,
    rated((quantity) => times(quantity, rate)),
  );
};

/** `percent` is out of 100. */
export const unitWithPercent: ReadModel = (config) => {
  const rate = config.amount('unit_amount');
  const share = config.amount('percent').dividedBy(HUNDRED);
  return rated((quantity) => times(quantity, rate, share));
};

export const packages: ReadModel = (config) => {
  const { size, amount } = readPackage(config);
  return rated((quantity) => inPackages(quantity, quantity, size, amount));
};

/** Usage above the allocation, rounded up to packages. */
export const packageWithAllocation: ReadModel = (config) => {
  const { size, amount } = readPackage(config);
  const allocation = config.amount('allocation');
  return rated((quantity) => inPackages(quantity, above(quantity, allocation), size, amount));
};

const readPackage = (
  config: ConfigReader,
): { readonly size: Decimal; readonly amount: Decimal } => ({
  size: config.positive('package_size'),
  amount: config.amount('package_amount'),
});

function inPackages(quantity: Decimal, billable: Decimal, size: Decimal, rate: Decimal): Rating {
  const count = Decimal.of(billable.ceiledBy(size));
  const amount = count.times(rate);
  const formula = (): string =>
    `${product(`${count.toString()} packages of ${size.toString()}`, rate)} = ${amount.toString()}`;
  return summed(quantity, [line({ kind: 'total', name: 'packages', quantity, amount, formula })]);
}
