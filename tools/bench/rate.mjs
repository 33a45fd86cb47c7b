/** Rating in process, on one core: prices that were read once, quantities that change. */
import { decimal, FULL_PERIOD, readPrice, usageOf } from '@orbit/pricing';
import { median, row, short } from './numbers.mjs';

const QUANTITIES = 1_000;
const SLICE = 2_000;
const WARM_MS = 500;

const TIERS = [
  { first_unit: 0, last_unit: 10_000, unit_amount: '0.001' },
  { first_unit: 10_000, last_unit: 100_000, unit_amount: '0.0008' },
  { first_unit: 100_000, last_unit: null, unit_amount: '0.0005' },
];
const REGIONS = ['eu', 'us', 'ap', 'sa'];
const MATRIX = {
  dimensions: ['region'],
  default_unit_amount: '0.01',
  matrix_values: REGIONS.map((region, at) => ({
    dimension_values: [region],
    unit_amount: `0.00${at + 1}`,
  })),
};

/** Each with what a quantity costs that is known by heart, so that no figure is of a wrong price. */
const CASES = [
  {
    id: 'rate-unit',
    perSecondMin: 500_000,
    price: ['unit', { unit_amount: '0.0075' }],
    usage: (quantity) => usageOf(decimal(quantity)),
    known: ['150000', '1125'],
  },
  {
    id: 'rate-graduated',
    perSecondMin: 100_000,
    price: ['tiered', { tiers: TIERS }],
    usage: (quantity) => usageOf(decimal(quantity)),
    known: ['150000', '107'],
  },
  {
    id: 'rate-matrix',
    perSecondMin: 100_000,
    price: ['matrix', MATRIX],
    usage: (quantity, n) => [{ values: { region: REGIONS[n % 4] }, quantity: decimal(quantity) }],
    known: ['1000', '1'],
  },
];

function modelOf([type, config]) {
  const read = readPrice(type, config);
  if (read.status === 'refused') throw new Error(JSON.stringify(read.faults));
  return read.model;
}

/**
 * Prices a second of one core: CPU time counts, because others may use the core meanwhile. Reading
 * a quantity from text, as it comes from the database, is a part of it, and so is writing the amount.
 */
function rateOf({ model, usage, quantities, ms }) {
  const untilMs = performance.now() + ms;
  const started = process.cpuUsage();
  let count = 0;
  let digits = 0;
  while (performance.now() < untilMs) {
    for (let n = 0; n < SLICE; n++) {
      digits += model
        .rate(usage(quantities[n % QUANTITIES], n), FULL_PERIOD)
        .amount.toString().length;
    }
    count += SLICE;
  }
  if (digits < count) throw new Error('No figure: an amount had no digits.');
  const { user, system } = process.cpuUsage(started);
  return (count / (user + system)) * 1e6;
}

export function runRate({ options, note }) {
  const quantities = Array.from(
    { length: QUANTITIES },
    (_, n) => `${(n * 7_919) % 200_000}.${n % 10}`,
  );
  const rows = CASES.map(({ id, perSecondMin, price, usage, known: [quantity, cost] }) => {
    const model = modelOf(price);
    const found = model.rate(usage(quantity, 0), FULL_PERIOD).amount.toString();
    if (found !== cost) throw new Error(`No figure: ${id} rates ${quantity} at ${found}.`);
    rateOf({ model, usage, quantities, ms: WARM_MS });
    const rates = Array.from({ length: Math.max(3, options.rounds) }, () =>
      rateOf({ model, usage, quantities, ms: options.seconds * 1_000 }),
    );
    note(`${id}: rounds ${rates.map(short).join(', ')} a second`);
    const ours = median(rates);
    return row({
      ...{ id, ours, baseline: null, ratio: null, unit: 'prices/s' },
      target: `≥ ${perSecondMin.toLocaleString('en-US')} a second`,
      holds: ours >= perSecondMin,
    });
  });
  return Promise.resolve(rows);
}
