export {
  AGENT_CHANNELS,
  ALLOWANCE_UNITS,
  allowanceUnitOf,
  coveredUnits,
  currencyOf,
  isAllowanceUnit,
  unitMicros,
  VOICE_CHANNEL,
  type AllowanceUnit,
} from './unit.js';
export {
  ALLOWANCE_KEY,
  allowanceChargeId,
  allowanceText,
  isReservedChargeId,
  PRICE_KEYS,
  readAllowance,
  RESERVED_IN_CHARGE_IDS,
  type AllowancePart,
} from './tags.js';
export {
  allowanceShareMicros,
  capturedShares,
  isCoveredWhole,
  readSplit,
  walletShareMicros,
  type AllowanceSplit,
  type CapturedShares,
} from './split.js';
export {
  allowanceShare,
  inMoney,
  namedShare,
  namesShare,
  splitOf,
  walletShare,
  withoutShare,
  type SplittableCharge,
} from './shares.js';
