import { Decimal } from '../decimal.js';

/** A quantity that is free, taken by whoever comes first; what is left goes to the next. */
export class Allocation {
  private left: Decimal;

  constructor(quantity: Decimal) {
    this.left = quantity;
  }

  /** The part of `quantity` that is not free. */
  take(quantity: Decimal): Decimal {
    const free = quantity.min(this.left);
    this.left = this.left.minus(free);
    return quantity.minus(free);
  }
}

/** Usage above a free quantity. */
export const above = (quantity: Decimal, free: Decimal): Decimal =>
  quantity.minus(free).max(Decimal.ZERO);
