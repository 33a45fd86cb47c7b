export { readDecimal, type ConfigFault } from './config.js';
export {
  Decimal,
  decimal,
  DECIMAL_DIGITS_MAX,
  DECIMAL_PLACES_MAX,
  parseDecimal,
  sumOf,
  type RoundingMode,
} from './decimal.js';
export {
  FULL_PERIOD,
  portionOf,
  WHOLE,
  type Fraction,
  type PriceModel,
  type RatingTerms,
} from './model.js';
export { isModelType, MODEL_TYPES, readPrice, type ModelType, type ReadPrice } from './price.js';
export type { RatedLine, RatedTier, Rating } from './rating.js';
export {
  groupBy,
  quantityOf,
  usageOf,
  type Usage,
  type UsageGroup,
  type UsageRow,
} from './usage.js';
export {
  adjust,
  type AdjustableLine,
  type AdjustedLine,
  type AdjustedLines,
  type Adjustment,
  type AdjustmentEffect,
  type DiscountTier,
  type Shortfall,
} from './adjustments/adjust.js';
export {
  billedSeconds,
  Destinations,
  rateCall,
  type Destination,
  type VoiceRate,
} from './voice/rate-call.js';
export {
  ratePrice,
  readCardPrices,
  readQuantities,
  type CardFault,
  type CardPrice,
  type CardPrices,
  type Quantities,
  type RatedCharge,
} from './rate-card.js';
