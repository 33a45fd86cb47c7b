import type { Feature } from '@orbit/runtime';
import { TaxRatesController } from './taxes.controller.js';

/** Tax rates of accounts; invoicing answers. */
export const taxesFeature = (): Feature => ({ controllers: [TaxRatesController] });
