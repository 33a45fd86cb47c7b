import type { Feature } from '@orbit/runtime';
import type { GatewayPorts } from '../../gateway.ports.js';
import { TAX_RATES, TaxRatesController } from './taxes.controller.js';

/** Tax rates of accounts; invoicing answers. */
export const taxesFeature = ({ taxRates }: Pick<GatewayPorts, 'taxRates'>): Feature => ({
  controllers: [TaxRatesController],
  providers: [{ provide: TAX_RATES, useValue: taxRates }],
});
