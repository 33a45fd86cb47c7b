export {
  addMicros,
  centsFloor,
  formatAmount,
  MICROS_MAX,
  MICROS_PER_UNIT,
  micros,
  minorFromMicros,
  microsFromMinor,
  parseAmount,
  requireAmount,
  requireSum,
  ZERO_MICROS,
  type AmountFault,
  type Micros,
} from './money.js';
export {
  CURRENCIES,
  CURRENCY_PATTERN,
  currencyExponent,
  isCurrency,
  isIsoCurrency,
  readIsoCurrency,
  type Currency,
  type CustomUnit,
  type IsoCurrency,
} from './currency.js';
export { roundHalfEven, roundHalfUp } from './rounding.js';
export { allocate } from './allocate.js';
